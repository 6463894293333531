/** What a made-up agent's screen shows: a program's name, what it can do, and some tables. */
interface PictureScreen {
  title: string;
  menu: readonly string[];
  tables: readonly { title: string; rows: readonly (readonly string[])[] }[];
}

/** Of the call that the pictures show being played. */
export const SCREENS: readonly PictureScreen[] = [
  {
    title: "Contoso · Customer desk",
    menu: ["Customer", "Invoices", "Contracts", "Tickets", "Knowledge"],
    tables: [
      {
        title: "Jordan Miller · +1 425 555 0100",
        rows: [
          ["Customer since", "2019-04-12"],
          ["Tariff", "Family 3"],
          ["Open tickets", "1"],
          ["Last contact", "2026-02-10, invoice"],
        ],
      },
      {
        title: "Invoices",
        rows: [
          ["Number", "Date", "Amount", "State"],
          ["2026-02-1183", "2026-02-28", "42.10", "charged twice"],
          ["2026-01-0981", "2026-01-31", "42.10", "paid"],
          ["2025-12-0877", "2025-12-31", "39.90", "paid"],
          ["2025-11-0702", "2025-11-30", "39.90", "paid"],
        ],
      },
    ],
  },
  {
    title: "Knowledge base",
    menu: ["Invoices", "Refunds", "Contracts"],
    tables: [
      {
        title: "Refund of a double charge",
        rows: [
          ["1", "Compare both charges with the invoice"],
          ["2", "Up to 50.00 the second level approves at once"],
          ["3", "Tell the customer: five working days"],
          ["4", "Close the ticket with reason “refund”"],
        ],
      },
    ],
  },
  {
    title: "Contoso · Second level",
    menu: ["Queue", "Approvals", "Reports"],
    tables: [
      {
        title: "Approvals",
        rows: [
          ["Case", "Customer", "Amount", "Asked by"],
          ["R-2391", "Jordan Miller", "42.10", "Ann Agent"],
          ["R-2390", "Lee Brandt", "120.00", "Cem Kaya"],
          ["R-2388", "Pat Novak", "18.40", "Dee Park"],
        ],
      },
    ],
  },
];

/** A screen as a page. */
export function screenPage({ title, menu, tables }: PictureScreen): string {
  const cells = (row: readonly string[]) => row.map((cell) => `<td>${cell}</td>`).join("");
  const sections = tables.map(
    (table) =>
      `<section><h2>${table.title}</h2><table>${table.rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</table></section>`,
  );
  return `<!doctype html><style>
    body { margin: 0; font: 22px/1.5 "DejaVu Sans", sans-serif; background: #f1f3f7; color: #1d2733; }
    header { padding: 14px 28px; background: #24405f; color: #fff; font-weight: 700; }
    main { display: grid; grid-template-columns: 240px 1fr; gap: 24px; padding: 24px 28px; }
    nav p { margin: 0 0 6px; padding: 6px 14px; border-radius: 6px; }
    nav p:first-child { background: #d8e4f5; }
    section { margin-bottom: 24px; padding: 18px 24px; background: #fff; border-radius: 8px; }
    h2 { margin: 0 0 10px; font-size: 26px; }
    table { width: 100%; border-collapse: collapse; }
    td { padding: 6px 0; border-top: 1px solid #e4e8ee; }
  </style><header>${title}</header><main><nav>${menu.map((entry) => `<p>${entry}</p>`).join("")}</nav>
  <div>${sections.join("")}</div></main>`;
}
