// Files as a person gives them: chosen, or dropped with whole folders.

export interface Chosen {
  /** Where it goes, with forward slashes. */
  path: string;
  file: File;
}

export interface Choice {
  files: Chosen[];
  /** How many were left out because their names, or their folders', begin with a dot. */
  hidden: number;
}

/** Return what a field of files holds; those of a folder keep their places in it. */
export function ofField(field: HTMLInputElement): Choice {
  return withoutHidden(
    [...(field.files ?? [])].map((file) => ({
      path: file.webkitRelativePath || file.name,
      file,
    })),
  );
}

/** Return what was dropped. Must be called before the event is over. */
export async function ofDrop(transfer: DataTransfer): Promise<Choice> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (!entries.length) {
    return withoutHidden(
      [...transfer.files].map((file) => ({ path: file.name, file })),
    );
  }
  const found = await Promise.all(entries.map((entry) => within(entry, "")));
  return withoutHidden(found.flat());
}

/** Put files into a folder. */
export function into(folder: string, files: readonly Chosen[]): Chosen[] {
  const parts = folder.split("/").map((part) => part.trim());
  const above = parts.filter(Boolean).join("/");
  return files.map(({ path, file }) => ({
    path: above ? `${above}/${path}` : path,
    file,
  }));
}

function withoutHidden(all: Chosen[]): Choice {
  // A browser gives a folder's files in no order that a person would look in.
  const files = all
    .filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")))
    .sort((a, b) => a.path.localeCompare(b.path));
  return { files, hidden: all.length - files.length };
}

async function within(entry: FileSystemEntry, above: string): Promise<Chosen[]> {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Chosen[] = [];
  for (;;) {
    // A browser gives a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (!some.length) return found;
    for (const one of some) found.push(...(await within(one, `${path}/`)));
  }
}
