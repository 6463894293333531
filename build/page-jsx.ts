/** How the pages' JSX becomes calls: by Preact's own runtime, also where a test imports a page's file. */
export const PAGE_JSX = {
  jsx: { runtime: "automatic", importSource: "preact", development: false },
} as const;
