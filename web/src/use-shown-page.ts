import { useEffect, useSyncExternalStore } from 'react';

export type ShownPage = 'chat' | 'dependence';

/** Each page has an address after the `#`, so that it can be linked to and the browser's back button works. */
export const pages: readonly { readonly page: ShownPage; readonly name: string; readonly hash: string }[] = [
  { page: 'chat', name: 'Chat', hash: '#/' },
  { page: 'dependence', name: 'Dependence', hash: '#/dependence' },
];

/** The page that the address names; the chat where it names none that exists. */
export function useShownPage(): ShownPage {
  const shown = useSyncExternalStore(onHashChange, () => pages.find(({ hash }) => hash === location.hash)?.page ?? 'chat');
  useEffect(() => {
    document.title = shown === 'chat' ? 'Second Source' : `${pages.find(({ page }) => page === shown)?.name ?? ''} – Second Source`;
  }, [shown]);
  return shown;
}

function onHashChange(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
