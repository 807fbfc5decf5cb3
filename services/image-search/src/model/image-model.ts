/** What makes features of pictures; two models are the same where all of this is. */
export interface ImageModel {
  /** SHA-256 of the ONNX file, in hex. */
  hash: string
  /** Pixels on each side of what it takes. */
  side: number
  /** How many features it makes. */
  dimension: number
  /** What is subtracted of red, green and blue, and what they are divided by then. */
  mean: readonly number[]
  deviation: readonly number[]
}
