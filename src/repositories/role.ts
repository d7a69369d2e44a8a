/** What a member may do: `viewer` reads, `agent` sends too, `owner` manages. */
export type Role = 'owner' | 'agent' | 'viewer';
