/** A remark at a moment of the interaction. */
export interface Note {
  id: string;
  atMs: number;
  text: string;
  tags: readonly string[];
  /** The name of who wrote it. */
  author: string;
  /** Whether whoever is signed in may change or delete it. */
  mayChange: boolean;
}

/** An entry of the interaction's audit trail. */
export interface AuditItem {
  /** RFC 3339. */
  at: string;
  who: string;
  action: string;
  detail: string;
}

/** Whether hashes and signature are as they should be. */
export interface Verification {
  verdict: "verified" | "faulty";
  /** RFC 3339. */
  checkedAt: string;
  faults: readonly { place: string; fault: string }[];
}

/** What a server knows and does beside the media. */
export interface ServerSide {
  readonly exportUrl: string;
  /** What whoever is signed in may do; what they may not is not offered. */
  readonly may: Readonly<Record<"export" | "hold" | "readNotes" | "comment" | "readTrail", boolean>>;
  readonly isHeld: boolean;
  /** @param anew - else what was found before is enough. */
  verify(anew: boolean): Promise<Verification>;
  setHold(isHeld: boolean, reason: string): Promise<void>;
  audit(): Promise<readonly AuditItem[]>;
  notes(): Promise<readonly Note[]>;
  addNote(note: { atMs: number; text: string; tags: readonly string[] }): Promise<void>;
  changeNote(noteId: string, note: { text: string; tags: readonly string[] }): Promise<void>;
  deleteNote(noteId: string): Promise<void>;
}
