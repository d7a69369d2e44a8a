import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ServiceClient } from '../common/service-client.ts';
import type { Caller } from './caller.ts';
import { failure } from './results.ts';

/** What each tool works with. */
export interface ToolContext {
  server: McpServer;
  service: ServiceClient;
  caller: Caller;
}

/** What a tool does to the service. */
type Effect = 'reads' | 'writes' | 'takes back';

interface Tool<Shape extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  effect: Effect;
  input: Shape;
  run: (input: z.infer<Shape>, signal: AbortSignal) => Promise<CallToolResult>;
}

/** Offers a tool; what goes wrong in it is told to the model as a result, never thrown. */
export function offer<Shape extends z.ZodObject>({ server }: ToolContext, tool: Tool<Shape>): void {
  const { name, title, description, effect, input, run } = tool;
  const annotations = {
    readOnlyHint: effect === 'reads',
    destructiveHint: effect === 'takes back',
    // Messages leave for people whom nobody here controls.
    openWorldHint: effect !== 'reads',
  };
  const answer = async (given: unknown, signal: AbortSignal) => {
    try {
      return await run(given as z.infer<Shape>, signal);
    } catch (error) {
      return failure(error);
    }
  };
  server.registerTool<z.ZodObject, z.ZodObject>(
    name,
    { title, description, inputSchema: input as z.ZodObject, annotations },
    (given, { mcpReq }) => answer(given, mcpReq.signal),
  );
}

/** The page of a list. */
export const PAGE = {
  limit: z.number().int().min(1).max(50).default(20).describe('How many, 1 to 50'),
  cursor: z.string().max(2000).optional().describe('`next_cursor` of the page before'),
};

/** The id of something, as another tool gave it. */
export function idOf(what: string) {
  return z.uuid().describe(what);
}
