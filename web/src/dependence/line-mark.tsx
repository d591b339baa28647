/** How a vendor's line is drawn, so that lines differ without their colours; the last is for all others together. */
const dashes = ['', '7 4', '2 3', '12 4', '8 3 2 3', '14 3 2 3 2 3'] as const;

export function dashOf(line: number): string | undefined {
  const dash = dashes[line % dashes.length];
  return dash === '' ? undefined : dash;
}

/** The line of a vendor in the chart, as a legend beside its name. */
export function LineMark({ line }: { readonly line: number }) {
  return (
    <svg className={`line-mark line-${line}`} width="26" height="8" aria-hidden="true">
      <path className="share-line" d="M1 4H25" strokeDasharray={dashOf(line)} />
    </svg>
  );
}
