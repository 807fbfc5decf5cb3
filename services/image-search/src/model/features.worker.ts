import { workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ImageModel } from './image-model.ts'

// Runs in a thread of its own, because a run of the model blocks the event loop.

/** What the thread is started with. */
export interface FeaturesWorkerData {
  file: string
  model: ImageModel
}

const { file, model } = workerData as FeaturesWorkerData
const CHANNELS = 3
const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 })
const [inputName = ''] = session.inputNames
const [outputName = ''] = session.outputNames
const isChannelsFirst = channelsStandFirst()

/**
 * The features of a picture.
 *
 * @param pixels RGB, line by line, `model.side` pixels on each side
 * @returns `model.dimension` numbers of length 1
 * @throws Error where the model makes something else
 */
export default async function features(pixels: Uint8Array): Promise<Float32Array> {
  const { [outputName]: output } = await session.run({ [inputName]: inputOf(pixels) })
  const values = Float32Array.from((output?.data ?? []) as ArrayLike<number>)
  if (values.length !== model.dimension)
    throw new Error(`the image model makes ${values.length} features, IMAGE_MODEL_DIMENSION says ${model.dimension}`)
  const length = Math.hypot(...values)
  if (!(length > 0 && Number.isFinite(length))) throw new Error('the image model makes no features of this picture')
  return values.map((value) => value / length)
}

function inputOf(pixels: Uint8Array): Tensor {
  const { side, mean, deviation } = model
  const area = side * side
  const values = new Float32Array(area * CHANNELS)
  for (let pixel = 0; pixel < area; pixel++)
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = (pixels[pixel * CHANNELS + channel] ?? 0) - (mean[channel] ?? 0)
      const place = isChannelsFirst ? channel * area + pixel : pixel * CHANNELS + channel
      values[place] = value / (deviation[channel] ?? 1)
    }
  const shape = isChannelsFirst ? [1, CHANNELS, side, side] : [1, side, side, CHANNELS]
  return new Tensor('float32', values, shape)
}

/** PyTorch's models take colours one after the other, TensorFlow's pixels. */
function channelsStandFirst(): boolean {
  const [input] = session.inputMetadata
  return input?.isTensor === true && input.shape[1] === CHANNELS
}
