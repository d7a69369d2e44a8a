import ts from 'typescript';

/** Exported types of one file. */
export interface RollUpRoot {
  file: string;
  names: readonly string[];
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.VariableStatement;

const WHOLE = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;

/**
 * Writes types down with everything that they refer to, so that they need none of the files that they come from. Declarations keep their
 * words and comments; a type that is read off a constant is written out.
 * @param roots types and constants that are wanted; a constant that is named here is copied instead of read off
 * @returns source without imports
 * @throws Error for a name that a file does not export
 */
export function rollUpTypes(roots: readonly RollUpRoot[]): string {
  const program = ts.createProgram(
    roots.map(({ file }) => file),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    },
  );
  return new TypeRollUp(program).write(roots);
}

class TypeRollUp {
  private readonly checker: ts.TypeChecker;
  private readonly written = new Map<ts.Symbol, string>();
  private readonly copied = new Set<ts.Symbol>();
  private readonly program: ts.Program;

  constructor(program: ts.Program) {
    this.program = program;
    this.checker = program.getTypeChecker();
  }

  write(roots: readonly RollUpRoot[]): string {
    const wanted = roots.flatMap(({ file, names }) => names.map((name) => this.exportOf(file, name)));
    wanted.forEach((symbol) => this.copied.add(symbol));
    wanted.forEach((symbol) => this.visit(symbol));
    return [...this.written.values()].join('\n\n');
  }

  private exportOf(file: string, name: string): ts.Symbol {
    const module = this.checker.getSymbolAtLocation(this.program.getSourceFile(file)!)!;
    const found = this.checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
    if (!found) {
      throw new Error(`${file} exports no ${name}`);
    }
    return this.targetOf(found);
  }

  private targetOf(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  private visit(symbol: ts.Symbol): void {
    const declaration = this.declarationOf(symbol);
    if (!declaration || this.written.has(symbol)) {
      return;
    }
    this.written.set(symbol, '');
    if (ts.isTypeAliasDeclaration(declaration) && this.isReadOff(declaration)) {
      const type = this.checker.getTypeAtLocation(declaration);
      const text = this.checker.typeToString(type, undefined, WHOLE);
      this.written.set(symbol, `${commentOf(declaration)}export type ${symbol.name} = ${text};`);
      return;
    }
    this.referencesOf(declaration).forEach((other) => this.visit(other));
    const text = declaration.getText();
    this.written.set(symbol, commentOf(declaration) + (text.startsWith('export ') ? text : `export ${text}`));
  }

  /** Those that stand in files of this repository; others are of the language. */
  private declarationOf(symbol: ts.Symbol): Declaration | undefined {
    const declaration = symbol.declarations?.[0];
    if (!declaration || this.program.isSourceFileDefaultLibrary(declaration.getSourceFile())) {
      return undefined;
    }
    if (ts.isVariableDeclaration(declaration) && ts.isVariableStatement(declaration.parent.parent)) {
      return declaration.parent.parent;
    }
    return ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)
      ? declaration
      : undefined;
  }

  /** Whether a type is that of a constant which is not copied. */
  private isReadOff(declaration: Declaration): boolean {
    return this.namesIn(declaration, ts.isTypeQueryNode).some((symbol) => !this.copied.has(symbol));
  }

  private referencesOf(declaration: Declaration): ts.Symbol[] {
    return [
      ...this.namesIn(declaration, ts.isTypeQueryNode),
      ...this.namesIn(declaration, ts.isTypeReferenceNode),
      ...this.namesIn(declaration, ts.isExpressionWithTypeArguments),
    ];
  }

  private namesIn<Node extends ts.TypeQueryNode | ts.TypeReferenceNode | ts.ExpressionWithTypeArguments>(
    declaration: Declaration,
    isWanted: (node: ts.Node) => node is Node,
  ): ts.Symbol[] {
    const found: ts.Symbol[] = [];
    const look = (node: ts.Node): void => {
      if (isWanted(node)) {
        const symbol = this.checker.getSymbolAtLocation(nameOf(node));
        found.push(...(symbol ? [this.targetOf(symbol)] : []));
      }
      ts.forEachChild(node, look);
    };
    look(declaration);
    return found;
  }
}

function nameOf(node: ts.TypeQueryNode | ts.TypeReferenceNode | ts.ExpressionWithTypeArguments): ts.Node {
  if (ts.isTypeQueryNode(node)) {
    return node.exprName;
  }
  return ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
}

function commentOf(declaration: Declaration): string {
  const text = declaration.getSourceFile().text;
  const comments = ts.getLeadingCommentRanges(text, declaration.getFullStart()) ?? [];
  const last = comments.filter(({ pos }) => text.startsWith('/**', pos)).at(-1);
  return last ? `${text.slice(last.pos, last.end)}\n` : '';
}
