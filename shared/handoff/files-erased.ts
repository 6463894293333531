/**
 * The word in a handed-off recording's note that says that its files are gone: they had been acknowledged and kept for
 * long enough when it was revised. Its segments are not listed any more; whoever has them keeps them.
 */
export const FILES_ERASED = "files-erased";
