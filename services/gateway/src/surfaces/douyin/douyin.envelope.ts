const success = { status_code: 0, status_msg: 'success' }

/** The answer of a success, with the fields of the route next to the status. */
export const answer = <Fields extends object>(fields: Fields) => ({ ...success, ...fields })
