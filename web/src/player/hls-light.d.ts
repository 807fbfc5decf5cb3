/** The library without what no video of ours has: other sound tracks, subtitles, encryption. */
declare module 'hls.js/light' {
  export * from 'hls.js'
  export { default } from 'hls.js'
}
