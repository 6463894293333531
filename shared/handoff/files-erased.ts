/**
 * The word in a handed-off recording's note that says that its files are gone: they had been acknowledged and kept for
 * long enough when it was revised. Its segments are not listed any more; whoever has them keeps them.
 */
export const FILES_ERASED = "files-erased";

/**
 * The word that says that files of some segments were found to be missing or damaged. Those are not listed any more and are
 * the gap `loss`; whoever has them keeps them.
 */
export const SEGMENTS_LOST = "segments-lost";
