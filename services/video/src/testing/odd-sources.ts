import { H264, VP9 } from './clips.ts'

/** A source as people's cameras and programs write them, and how ffmpeg makes it. */
export interface OddSource {
  what: string
  file: string
  /** Inputs and outputs of ffmpeg before the name of the file. */
  args: string[]
  /** Options with which what `args` made is copied once more, for what encoders cannot state. */
  copy?: string[]
}

const picture = (size = '128x72', rate = '25') => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=2`]
const sound = (source = 'sine=duration=2') => ['-f', 'lavfi', '-i', source]
const both = [...picture(), ...sound()]
const x265 = (...params: string[]) => [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', ['log-level=error', 'pools=1', ...params].join(':')],
]
const hdr = (curve: string) => [
  ...x265(`colorprim=bt2020:transfer=${curve}:colormatrix=bt2020nc`),
  ...['-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020', '-color_trc', curve, '-colorspace', 'bt2020nc'],
]
const h264 = ['-c:v', ...H264]
const studio = (pixels: string) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', pixels]

export const oddSources: OddSource[] = [
  { what: 'H.264 and AAC in MP4, index last', file: 'plain.mp4', args: [...both, ...h264, '-c:a', 'aac'] },
  {
    what: 'H.264 without sound, index first',
    file: 'silent.mp4',
    args: [...picture(), ...h264, '-movflags', 'faststart'],
  },
  {
    what: 'H.264 in MP4 in fragments',
    file: 'fragments.mp4',
    args: [...both, ...h264, '-movflags', 'frag_keyframe+empty_moov'],
  },
  { what: 'H.264 of full range', file: 'full-range.mp4', args: [...picture(), ...studio('yuvj420p')] },
  { what: 'H.264 and AC-3 in Matroska', file: 'ac3.mkv', args: [...both, ...h264, '-c:a', 'ac3'] },
  { what: 'H.264, High 10', file: 'high10.mp4', args: [...both, ...studio('yuv420p10le')] },
  { what: 'H.264, 4:2:2', file: '422.mov', args: [...both, ...studio('yuv422p')] },
  { what: 'H.264, 4:4:4', file: '444.mp4', args: [...picture(), ...studio('yuv444p')] },
  { what: 'HEVC and AAC in MP4', file: 'hevc.mp4', args: [...both, ...x265(), '-c:a', 'aac'] },
  { what: 'HEVC of 10 bits with HDR (PQ)', file: 'pq.mp4', args: [...picture(), ...hdr('smpte2084')] },
  { what: 'HEVC of 10 bits with HDR (HLG) in MOV', file: 'hlg.mov', args: [...picture(), ...hdr('arib-std-b67')] },
  {
    what: 'AV1 and Opus in WebM',
    file: 'av1.webm',
    args: [...both, '-c:v', 'libsvtav1', '-preset', '12', '-c:a', 'libopus'],
  },
  { what: 'VP9 and Opus in WebM', file: 'vp9.webm', args: [...both, '-c:v', ...VP9, '-c:a', 'libopus'] },
  {
    what: 'VP8 and Vorbis in WebM',
    file: 'vp8.webm',
    args: [...both, '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libvorbis'],
  },
  { what: 'MPEG-4 Part 2 and MP3 in MP4', file: 'mpeg4.mp4', args: [...both, '-c:v', 'mpeg4', '-c:a', 'libmp3lame'] },
  { what: 'MPEG-2 in Matroska', file: 'mpeg2.mkv', args: [...both, '-c:v', 'mpeg2video', '-c:a', 'mp2'] },
  { what: 'ProRes and PCM in MOV', file: 'prores.mov', args: [...both, '-c:v', 'prores_ks', '-c:a', 'pcm_s16le'] },
  {
    what: 'on its side, as telephones write it',
    file: 'sideways.mov',
    args: [...both, ...h264],
    copy: ['-metadata:s:v', 'rotate=90'],
  },
  {
    what: 'upside down',
    file: 'upside-down.mp4',
    args: [...picture(), ...h264],
    copy: ['-metadata:s:v', 'rotate=180'],
  },
  { what: 'odd sides, 161 × 91', file: 'odd.webm', args: [...picture('161x91'), '-c:v', ...VP9] },
  {
    what: 'pixels that are not square, 64:45',
    file: 'pal.mp4',
    args: [...picture('90x72'), '-vf', 'setsar=64/45', ...h264],
  },
  { what: 'a portrait of 360 × 640', file: 'portrait.mp4', args: [...picture('360x640', '10'), ...h264] },
  {
    what: 'half pictures (interlaced)',
    file: 'interlaced.mp4',
    args: [...picture(), '-vf', 'setfield=tff', ...h264, '-x264-params', 'tff=1'],
  },
  {
    what: 'a rate that varies',
    file: 'varying.mkv',
    args: [...both, '-vf', "select='lt(n,15)+not(mod(n,7))'", '-fps_mode', 'vfr', ...h264],
  },
  { what: '120 pictures a second', file: 'fast.mp4', args: [...picture('128x72', '120'), ...h264] },
  { what: '12.5 pictures a second', file: 'slow.mp4', args: [...picture('128x72', '25/2'), ...sound(), ...h264] },
  {
    what: '5.1 channels of AAC',
    file: 'surround.mp4',
    args: [...picture(), ...sound('aevalsrc=sin(440*2*PI*t)|0|0|0|0|0:c=5.1:d=2'), ...h264, '-c:a', 'aac'],
  },
  {
    what: 'sound of one channel at 8 kHz',
    file: 'telephone.mov',
    args: [...picture(), ...sound('sine=duration=2:sample_rate=8000'), ...h264, '-c:a', 'pcm_mulaw'],
  },
  {
    what: 'sound that begins a second late',
    file: 'late-sound.mp4',
    args: [...picture(), '-itsoffset', '1', ...sound('sine=duration=1'), ...h264],
  },
  {
    what: 'a picture that begins half a second late',
    file: 'late-picture.mkv',
    args: ['-itsoffset', '0.5', ...picture(), ...sound('sine=duration=2.5'), ...h264],
  },
  {
    what: 'WebM as browsers record it, from 100 s on',
    file: 'live.webm',
    args: [...both, '-c:v', ...VP9, '-c:a', 'libopus', '-output_ts_offset', '100', '-live', '1'],
  },
  { what: 'one picture for 2 s', file: 'one.mp4', args: [...picture('128x72', '1/2'), ...h264] },
]
