/**
 * How many cases of a property are tried: all of them by `npm run soak -- properties`, a tenth by the tests.
 *
 * @param all - how many there are to be tried before a release.
 */
export function runsOf(all: number): number {
  return process.env["DESKREEL_ALL_RUNS"] ? all : Math.ceil(all / 10);
}

/**
 * How long a test with such a property may take, which counts more than the limit of all.
 *
 * @param aTenth - for the cases that the tests try.
 */
export function limitOf(aTenth: number): number {
  return process.env["DESKREEL_ALL_RUNS"] ? aTenth * 10 : aTenth;
}
