/** What a model asks of a chip, whatever its words are. */
export interface ModelShape {
  /** All weights that must lie in memory. */
  readonly parameters: number;
  /** Weights that one token passes through: equal to `parameters` for a dense model, fewer for a mixture of experts. */
  readonly activeParameters: number;
  /** 2 for 16-bit weights, 1 for 8-bit, 0.5 for 4-bit. */
  readonly bytesPerParameter: number;
  /** Keys and values of one token over all layers, in bytes. */
  readonly kvBytesPerToken: number;
  readonly layers: number;
  /** Query heads × head size: the width over which attention multiplies. */
  readonly attentionWidth: number;
}

/** Bytes of memory that the weights take. */
export function weightBytes(model: ModelShape): number {
  return model.parameters * model.bytesPerParameter;
}
