/** What the service answers to a user who signs in. */
export interface UserSession {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}
