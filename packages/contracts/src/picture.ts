import { z } from 'zod'

const MEBIBYTE = 1024 ** 2

/** How the pictures of one kind are taken and kept. */
export interface PictureKind {
  /** Largest file that is taken. */
  maxBytes: number
  /**
   * Widths in pixels that are kept, ascending; each is a file named by it, narrower where the
   * picture was.
   */
  widths: readonly number[]
  /** The width that URLs name. */
  shownWidth: number
  /** Whether the middle is cut out as a square; otherwise the whole picture stays. */
  isSquare: boolean
}

export const pictureKinds = {
  avatar: { maxBytes: 5 * MEBIBYTE, widths: [64, 128, 256, 512], shownWidth: 256, isSquare: true },
  background: { maxBytes: 10 * MEBIBYTE, widths: [640, 1280, 1920], shownWidth: 1280, isSquare: false },
  cover: { maxBytes: 10 * MEBIBYTE, widths: [320, 640, 1280], shownWidth: 1280, isSquare: false },
} as const satisfies Record<string, PictureKind>

export type PictureKindName = keyof typeof pictureKinds

/** The pictures of a user. */
export const ProfilePicture = z.enum(['avatar', 'background'])
export type ProfilePicture = z.infer<typeof ProfilePicture>

/** How long the making of a picture may take, waiting for its turn included. */
export const PICTURE_TIMEOUT_MS = 30_000

/** Most pixels on a side of a picture that is taken. */
export const MAX_PICTURE_SIDE = 8_192

/** The media key of the avatar that is drawn for a user without one of their own. */
export const defaultAvatarKey = (userId: number): string =>
  `default-avatars/${userId}/${pictureKinds.avatar.shownWidth}.png`
