import { pages, type ShownPage } from './use-shown-page.ts';

interface PageLinksProps {
  readonly shown: ShownPage;
  /** Whether an answer runs, which goes on while another page is shown. */
  readonly answering: boolean;
}

export function PageLinks({ shown, answering }: PageLinksProps) {
  return (
    <nav className="pages" aria-label="Pages">
      {pages.map(({ page, name, hash }) => (
        <a key={page} href={hash} aria-current={page === shown ? 'page' : undefined}>
          {name}
          {page === 'chat' && page !== shown && answering && <span className="hint"> answering</span>}
        </a>
      ))}
    </nav>
  );
}
