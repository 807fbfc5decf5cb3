export const tabs = ['videos', 'likes', 'following', 'followers'] as const
export type Tab = (typeof tabs)[number]
