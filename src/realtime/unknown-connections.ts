/** What is needed of a connection. */
export interface Closable {
  close(discard: boolean): unknown;
}

/**
 * Connections that have not said who they are. Past a bound the one that has waited longest is closed: at the bound of an address
 * one of that address, at the bound of all one of the address that has most. So a flood of such ousts itself, and nobody else.
 */
export class UnknownConnections<Connection extends Closable> {
  private readonly byAddress = new Map<string, Set<Connection>>();
  private readonly addressOf = new Map<Connection, string>();

  constructor(private readonly bounds: { total: number; perAddress: number }) {}

  add(connection: Connection, address: string): void {
    const own = this.byAddress.get(address) ?? new Set();
    this.byAddress.set(address, own.add(connection));
    this.addressOf.set(connection, address);
    if (own.size > this.bounds.perAddress) {
      this.closeFirst(own);
    }
    if (this.addressOf.size > this.bounds.total) {
      this.closeFirst(
        [...this.byAddress.values()].reduce((most, one) => (one.size > most.size ? one : most)),
      );
    }
  }

  /** One that said who it is, or is closed. */
  remove(connection: Connection): void {
    const address = this.addressOf.get(connection);
    if (address === undefined) {
      return;
    }
    const own = this.byAddress.get(address);
    this.addressOf.delete(connection);
    own?.delete(connection);
    if (own?.size === 0) {
      this.byAddress.delete(address);
    }
  }

  private closeFirst(connections: ReadonlySet<Connection>): void {
    const [first] = connections;
    if (first !== undefined) {
      this.remove(first);
      first.close(true);
    }
  }
}
