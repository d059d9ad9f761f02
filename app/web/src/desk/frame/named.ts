// A name of the service in a person's words. Pure.

/** Return the word for `name`, or `name` itself where there is none. */
export function named(words: Record<string, string>, name: string): string {
  // A name may be that of something every object has, such as "constructor".
  return (Object.hasOwn(words, name) ? words[name] : undefined) ?? name;
}
