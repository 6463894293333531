import { AccountStore } from "./account-store.ts";
import { AttemptStore } from "./attempt-store.ts";
import { AudioStore } from "./audio-store.ts";
import { AuditStore } from "./audit-store.ts";
import { ConfigurationStore } from "./configuration-store.ts";
import { ConversationStore } from "./conversation-store.ts";
import { CustodyStore } from "./custody-store.ts";
import type { AdapterDatabase } from "./database.ts";
import { JobStore } from "./job-store.ts";
import { NoteStore } from "./note-store.ts";
import { ReindexStore } from "./reindex-store.ts";
import { RecordingStore } from "./recording-store.ts";
import { SessionStore } from "./session-store.ts";
import { TeamStore } from "./team-store.ts";
import { WatermarkStore } from "./watermark-store.ts";

/** The tables of the adapter's database, by what they are about. */
export interface AdapterStores {
  recordings: RecordingStore;
  audio: AudioStore;
  conversations: ConversationStore;
  jobs: JobStore;
  custody: CustodyStore;
  audit: AuditStore;
  configuration: ConfigurationStore;
  watermarks: WatermarkStore;
  reindex: ReindexStore;
  accounts: AccountStore;
  notes: NoteStore;
  teams: TeamStore;
  sessions: SessionStore;
  attempts: AttemptStore;
  /** Does several writes or none. */
  transaction(write: () => void): void;
}

/** All stores over one database, which stays its opener's to close. */
export function createStores(database: AdapterDatabase): AdapterStores {
  return {
    recordings: new RecordingStore(database),
    audio: new AudioStore(database),
    conversations: new ConversationStore(database),
    jobs: new JobStore(database),
    custody: new CustodyStore(database),
    audit: new AuditStore(database),
    configuration: new ConfigurationStore(database),
    watermarks: new WatermarkStore(database),
    reindex: new ReindexStore(database),
    accounts: new AccountStore(database),
    notes: new NoteStore(database),
    teams: new TeamStore(database),
    sessions: new SessionStore(database),
    attempts: new AttemptStore(database),
    transaction: (write) => database.transaction(write)(),
  };
}
