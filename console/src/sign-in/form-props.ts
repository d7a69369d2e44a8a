/** Whether the person wants to be signed in here next time, too: one choice for all ways. */
export interface FormProps {
  staysSignedIn: boolean;
  onStay: (stays: boolean) => void;
}
