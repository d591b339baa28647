/** A bar of one part of a whole; `most` puts a mark where a cap stands. The figure beside it says the same in words. */
export function Meter({ share, most }: { readonly share: number; readonly most?: number }) {
  const width = clamp(share) * 100;
  return (
    <svg className="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect className="meter-ground" width="100" height="8" />
      <rect className="meter-part" y="1" width={width} height="6" />
      {most !== undefined && <rect className="meter-most" x={clamp(most) * 100 - 0.75} width="1.5" height="8" />}
    </svg>
  );
}

function clamp(part: number): number {
  return Math.min(1, Math.max(0, part));
}
