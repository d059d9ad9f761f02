// Numbers, sizes and times as the chosen language writes them.

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Money is counted in billionths of the price table's currency. */
const BILLION = 1_000_000_000;

export class Formats {
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly exact: Intl.DateTimeFormat;

  /** @param language ISO 639-1. */
  constructor(readonly language: string) {
    this.relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    this.exact = new Intl.DateTimeFormat(language, {
      dateStyle: "medium",
      timeStyle: "short",
    });
  }

  number(value: number, digits = 0): string {
    return this.written(value, { maximumFractionDigits: digits });
  }

  /** A big number in few letters: 12K. */
  short(value: number): string {
    return this.written(value, { notation: "compact", maximumFractionDigits: 1 });
  }

  /** A score or a confidence, in [0, 1] as a rule. */
  score(value: number): string {
    const digits = Math.abs(value) < 0.1 && value !== 0 ? 4 : 2;
    return this.written(value, {
      minimumFractionDigits: 2,
      maximumFractionDigits: digits,
    });
  }

  /** @param share In [0, 1]. */
  percent(share: number): string {
    return this.written(share, { style: "percent", maximumFractionDigits: 0 });
  }

  bytes(bytes: number): string {
    const step = Math.min(
      Math.floor(Math.log10(Math.max(bytes, 1)) / 3),
      SIZES.length - 1,
    );
    return this.written(bytes / 1000 ** step, {
      style: "unit",
      unit: SIZES[step] ?? "byte",
      unitDisplay: step === 0 ? "long" : "short",
      maximumFractionDigits: step > 1 ? 1 : 0,
    });
  }

  seconds(seconds: number): string {
    const [value, unit] =
      seconds < 120 ? [seconds, "second"] : [seconds / 60, "minute"];
    return this.written(value, {
      style: "unit",
      unit,
      unitDisplay: "short",
      maximumFractionDigits: value < 10 ? 1 : 0,
    });
  }

  milliseconds(milliseconds: number): string {
    if (milliseconds >= 1000) return this.seconds(milliseconds / 1000);
    return this.written(milliseconds, {
      style: "unit",
      unit: "millisecond",
      unitDisplay: "short",
      maximumFractionDigits: milliseconds < 10 ? 1 : 0,
    });
  }

  /** @param billionths Of a currency that only the operator knows. */
  money(billionths: number): string {
    const value = billionths / BILLION;
    return this.written(value, {
      minimumFractionDigits: 2,
      maximumFractionDigits: value < 1 ? 4 : 2,
    });
  }

  /** @param seconds Since the epoch. */
  time(seconds: number): string {
    return this.exact.format(seconds * 1000);
  }

  /** How long ago, or in how long. */
  ago(seconds: number): string {
    const distance = seconds - Date.now() / 1000;
    for (const [unit, length] of STEPS) {
      if (Math.abs(distance) >= length) {
        return this.relative.format(Math.round(distance / length), unit);
      }
    }
    return this.relative.format(0, "second");
  }

  /** @param day A day of UTC, such as "2026-09-02". */
  day(day: string, style: "short" | "long" = "short"): string {
    const options: Intl.DateTimeFormatOptions =
      style === "short"
        ? { day: "numeric", month: "short", timeZone: "UTC" }
        : { dateStyle: "full", timeZone: "UTC" };
    return new Intl.DateTimeFormat(this.language, options).format(
      new Date(`${day}T00:00:00Z`),
    );
  }

  list(words: readonly string[]): string {
    return new Intl.ListFormat(this.language, { type: "conjunction" }).format(words);
  }

  private written(value: number, options: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.language, options).format(value);
  }
}
