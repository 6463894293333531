import { DeskreelError } from "#shared/runtime/errors.ts";

/** The storage of an archive does not do what it was asked: nothing is known then of what lies in it. */
export class StorageFailure extends DeskreelError {}

/** Whether it is the storage that failed, and not one of its files that is bad. */
export function isStorageFailure(error: unknown): error is StorageFailure {
  return error instanceof StorageFailure;
}
