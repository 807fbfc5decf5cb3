import type { HighDynamicRange } from './probe.ts'

/**
 * Filters that press HDR into what every screen shows: light is made linear, its range pressed, and
 * its colours too.
 *
 * @param curve of the source
 * @param result how the result is written: JPEG has the matrix of older television, and full range
 */
export function toneMapping(
  curve: HighDynamicRange,
  { matrix, range }: { matrix: 'bt709' | 'bt470bg'; range: 'tv' | 'pc' },
): string[] {
  return [
    `zscale=tin=${curve}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    `zscale=t=bt709:m=${matrix}:r=${range}`,
  ]
}
