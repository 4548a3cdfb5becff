// Reads the vectors of the normal law as any other language would, and checks them against closed forms.
// Usage: node read_vectors.mjs FOLDER, where FOLDER holds vectors/normal.json. Prints one JSON object.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const file = JSON.parse(readFileSync(`${process.argv[2]}/vectors/normal.json`, "utf8"));
const failures = [];
let exact = 0;
let close = 0;

// A decimal text as the integer text * 10^PLACES: all arithmetic on these integers is exact.
const PLACES = 400;
function scaled(text) {
  const [, sign, whole, part = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(text);
  const shift = PLACES - part.length + Number(exponent);
  if (shift < 0) throw new Error(`${text} has too many places`);
  return BigInt(sign + whole + part) * 10n ** BigInt(shift);
}

// The exact value of a double, as such an integer: significand * 2^exponent.
function scaledDouble(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const significand = (bits & 0xfffffffffffffn) | (biased ? 0x10000000000000n : 0n);
  const exponent = Math.max(biased, 1) - 1075;
  const unit = 10n ** BigInt(PLACES);
  const size = exponent < 0 ? (significand * unit) / 2n ** BigInt(-exponent) : significand * unit * 2n ** BigInt(exponent);
  return x < 0 ? -size : size;
}

const magnitude = (x) => (x < 0n ? -x : x);

for (const group of file.groups) {
  const { loc, scale } = group.parameters;
  for (const text of [loc, scale])
    if (scaled(text) !== scaledDouble(Number(text))) failures.push(`${text} is not a double`);
  const question = [file.schema, file.family, { loc, scale }, group.f, group.digits];
  if (createHash("sha256").update(JSON.stringify(question)).digest("hex") !== group.key)
    failures.push(`${group.vectors[0].id}: key`);

  const [m, s] = [Number(loc), Number(scale)];
  const [M, S] = [scaled(loc), scaled(scale)];
  const damped = Math.exp((-9 * s * s) / 2);
  const polynomial = { null: [M * M + S * S, 2], loc: [2n * M, 1], scale: [2n * S, 1] };
  const wave = {
    null: Math.sin(3 * m) * damped,
    loc: 3 * Math.cos(3 * m) * damped,
    scale: -9 * s * Math.sin(3 * m) * damped,
  };
  for (const vector of group.vectors) {
    if (vector.result !== "valid") continue;
    if (group.f === "z**2") {
      // |value - truth| <= radius, in exact arithmetic
      const [truth, degree] = polynomial[vector.parameter];
      const unit = 10n ** BigInt(PLACES * (degree - 1));
      const error = magnitude(scaled(vector.value) * unit - truth);
      if (error > scaled(vector.radius) * unit) failures.push(`${vector.id}: outside of its ball`);
      exact += 1;
    }
    if (group.f === "sin(3*z)") {
      const truth = wave[vector.parameter];
      const tolerance = 1e-13 * Math.max(1, Math.abs(m)) * (Math.abs(truth) + damped);
      const error = Math.abs(Number(vector.value) - truth);
      if (!(error <= Number(vector.radius) + tolerance)) failures.push(`${vector.id}: ${vector.value} is not ${truth}`);
      close += 1;
    }
  }
}
console.log(JSON.stringify({ exact, close, failures }));
