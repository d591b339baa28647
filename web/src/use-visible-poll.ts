import { useEffect } from 'react';

/** Runs `look` now and `everyMs` after each run ended while the page is visible, so that a slow gateway is never asked twice at a time. */
export function useVisiblePoll(look: () => Promise<unknown>, everyMs: number, on: boolean): void {
  useEffect(() => {
    if (!on) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    let mounted = true;
    const run = async (): Promise<void> => {
      clearTimeout(timer);
      if (running || !mounted || document.visibilityState === 'hidden') return;
      running = true;
      await look();
      running = false;
      if (mounted) timer = setTimeout(run, everyMs);
    };
    void run();
    document.addEventListener('visibilitychange', run);
    return () => {
      mounted = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', run);
    };
  }, [look, everyMs, on]);
}
