/** The folder among the public media that holds all pictures of all users. */
export const USERS_FOLDER = 'users'

/** The folder of a user's pictures. */
export const folderOfUser = (userId: number): string => `${USERS_FOLDER}/${userId}`
