/**
 * Sixteen threads for file work instead of four: an fdatasync holds one for up to half a second on a busy disk, and every
 * open segment needs one each second. libuv reads this once, before the first file is opened that way, so whoever starts
 * a recorder imports this first.
 */
process.env["UV_THREADPOOL_SIZE"] ??= "16";
