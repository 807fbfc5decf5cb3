const types: Record<string, string> = {
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
  webm: 'video/webm',
  m3u8: 'application/vnd.apple.mpegurl',
  vtt: 'text/vtt',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
}

/** The type of an object by its server-made name; who looks at it directly gets it as that. */
export const contentTypeOf = (key: string): string => types[key.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
