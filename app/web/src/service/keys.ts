// The key that a person typed: kept until the tab is closed, shown to this service only.

import type { Credentials } from "./service";

const NAME = "frontdesk-key";

export class TypedKey implements Credentials {
  /** In place of the tab's storage where the browser refuses one. */
  private held: string | null = null;
  private readonly listeners = new Set<() => void>();

  /** Call `listener` when the key is refused. Returns how to stop that. */
  onRefused(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async key(): Promise<string | null> {
    return this.read();
  }

  async refused(): Promise<boolean> {
    for (const listener of this.listeners) listener();
    return false;
  }

  has(): boolean {
    return this.read() !== null;
  }

  set(key: string): void {
    this.held = key.trim();
    try {
      sessionStorage.setItem(NAME, this.held);
    } catch {
      // It is held as long as the page is.
    }
  }

  forget(): void {
    this.held = null;
    try {
      sessionStorage.removeItem(NAME);
    } catch {
      // Nothing was kept.
    }
  }

  private read(): string | null {
    try {
      return sessionStorage.getItem(NAME) ?? this.held;
    } catch {
      return this.held;
    }
  }
}
