/**
 * Has node keep the code that it has compiled, types stripped, for each program that the tests start from source, which
 * are hundreds: a recorder is up in half the processor time. Imported by the runners' configurations, whose programs
 * inherit it. The folder goes with node_modules when that is made anew.
 */
import { REPOSITORY } from "../repository.ts";

process.env["NODE_COMPILE_CACHE"] ??= `${REPOSITORY}/node_modules/.cache/compiled`;
