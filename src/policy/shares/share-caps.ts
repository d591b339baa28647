import type { CapStanding, ShareGroup } from '../dependence/dependence-report.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { ControlGroupOf, ShareCap } from './share-cap.ts';
import type { RequestSize, ShareView } from '../choice/ask.ts';

export interface ShareCapsOptions {
  /** The `nowMs` at which a window of every length begins: that of the Unix epoch, so that all replicas' windows agree. */
  readonly originMs: number;
  readonly controlGroupOf: ControlGroupOf;
}

/** Signature only, until the next commit. */
export class ShareCaps implements ShareView {
  constructor(_caps: readonly ShareCap[], _options: ShareCapsOptions) {}

  readonly admits = (_candidate: Candidate, _size: RequestSize, _nowMs: number): boolean => true;
  readonly priceUsd = (_candidate: Candidate, _size: RequestSize, _nowMs: number): number => 0;
  readonly displaced = (
    _from: Candidate,
    _to: Candidate,
    _size: RequestSize,
    _extra: { readonly usd: number | undefined; readonly ttftMs: number | undefined },
  ): void => {};
  /** In the turn in which it was admitted, so that nobody else takes the room that the choice saw. */
  dispatched(_attemptId: string, _candidate: Candidate, _size: RequestSize, _nowMs: number): void {}
  /** `actual` undefined: nobody knows what it used, which counts against its group as reserved and for nobody else. Nothing used: 0 tokens, 0 USD. */
  settled(_attemptId: string, _actual: RequestSize | undefined, _nowMs: number): void {}
  /** Caps yield, for these models (absent: for all), where who is lost is not the capped group itself. */
  declareLoss(_group: ShareGroup, _nowMs: number, _models?: readonly string[]): void {}
  endLoss(_group: ShareGroup, _nowMs: number): void {}
  /** Takes other caps into use; those that stay as they are keep their counts. */
  change(_caps: readonly ShareCap[]): void {}
  /** How long until a candidate that is not admitted may be again: what `retry-after` says. */
  roomInMs(_candidate: Candidate, _nowMs: number): number {
    return 0;
  }
  standings(_nowMs: number): readonly CapStanding[] {
    return [];
  }
}
