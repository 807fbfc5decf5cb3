import { z } from 'zod'
import { inputArguments, refuseOnFailure, type UploadFile } from './upload-file.ts'

const Stream = z.object({
  index: z.int(),
  codec_type: z.string().default('unknown'),
  codec_name: z.string().default('unknown'),
  profile: z.string().default('unknown'),
  pix_fmt: z.string().optional(),
  /** Seconds on the clock of the file. */
  start_time: z.string().optional(),
  /** Only where the index of the file lists the frames, as in MP4. */
  duration: z.string().optional(),
  width: z.int().default(0),
  height: z.int().default(0),
  /** Frames a second, "30000/1001". "0/0" means that nothing is known. */
  avg_frame_rate: z.string().default('0/0'),
  color_transfer: z.string().optional(),
  field_order: z.string().optional(),
  channels: z.int().optional(),
  /** Width to height of one pixel. */
  sample_aspect_ratio: z.string().optional(),
  disposition: z.object({ attached_pic: z.int(), timed_thumbnails: z.int() }).partial().default({}),
  /** Matroska's id of the key that an encrypted track needs. */
  tags: z.object({ enc_key_id: z.string() }).partial().default({}),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
})
/** A track, as ffprobe describes it. */
export type Stream = z.infer<typeof Stream>

const ProbeOutput = z.object({
  streams: z.array(Stream).default([]),
  format: z.object({ start_time: z.string().optional(), duration: z.string().optional() }),
})
export type ProbeOutput = z.infer<typeof ProbeOutput>

const ENTRIES = [
  'stream=index,codec_type,codec_name,profile,pix_fmt,start_time,duration,width,height,sample_aspect_ratio,' +
    'avg_frame_rate,color_transfer,field_order,channels',
  'stream_disposition=attached_pic,timed_thumbnails',
  'stream_tags=enc_key_id',
  'stream_side_data=rotation',
  'format=start_time,duration',
].join(':')

/** Asks ffprobe for the tracks of a file. */
export async function readStreams({ path, container, sandbox }: UploadFile): Promise<ProbeOutput> {
  const run = sandbox.run({
    program: 'ffprobe',
    args: ['-v', 'error', '-of', 'json', '-show_entries', ENTRIES, ...inputArguments(path, container.family)],
    cpuSeconds: 5,
    timeoutMs: 30_000,
    maxOutputBytes: 256 * 1024,
  })
  return ProbeOutput.parse(JSON.parse((await refuseOnFailure(run)).stdout.toString()))
}
