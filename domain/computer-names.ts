/** How computers are told apart by their names. */

/** SSM tells a computer's name with its domain, WorkSpaces without; capitals do not count. */
export const bareName = (computerName: string): string => (computerName.split('.')[0] ?? '').toUpperCase();
