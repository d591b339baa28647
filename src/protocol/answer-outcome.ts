import type { ChatPiece, PieceUsage } from './chat-piece.ts';

/** How a chat answer ended, gathered from all of its chunks. */
export interface AnswerOutcome {
  finishReason: string | undefined;
  stopWord: string | undefined;
  usage: PieceUsage | undefined;
  secondSource: unknown;
  refused: boolean;
}

export function emptyOutcome(): AnswerOutcome {
  return { finishReason: undefined, stopWord: undefined, usage: undefined, secondSource: undefined, refused: false };
}

export function learnOutcome(outcome: AnswerOutcome, piece: ChatPiece): void {
  outcome.finishReason = piece.finishReason ?? outcome.finishReason;
  outcome.stopWord = piece.stopWord ?? outcome.stopWord;
  outcome.usage = piece.usage ?? outcome.usage;
  outcome.secondSource = piece.secondSource ?? outcome.secondSource;
  outcome.refused ||= piece.refusal !== '';
}
