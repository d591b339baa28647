import type { ReactNode } from 'react';

interface ScrollRegionProps {
  readonly name: string;
  /** Whether it also scrolls down, within a part of the page. */
  readonly long?: boolean;
  readonly children: ReactNode;
}

/** Lets what is too large scroll by itself, for a keyboard too, so that the page never scrolls sideways. */
export function ScrollRegion({ name, long = false, children }: ScrollRegionProps) {
  return (
    <div className={long ? 'scroll-region long' : 'scroll-region'} role="region" aria-label={name} tabIndex={0}>
      {children}
    </div>
  );
}
