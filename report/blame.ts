/** Which of several files is to blame: where two are searched one after the other, what one of them throws says nothing of the other. */
const blamed = new WeakMap<Error, string>()

/** What `work` throws is about `file`, unless somebody within has said so of another. */
export const about = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && !blamed.has(error)) blamed.set(error, file)
    throw error
  }
}

/** Of `files`, as they were typed, the one that an error is about; all of them where nobody knows. */
export const filesAbout = (error: unknown, files: readonly string[]): readonly string[] => {
  const file = error instanceof Error ? blamed.get(error) : undefined
  return file !== undefined && files.includes(file) ? [file] : files
}
