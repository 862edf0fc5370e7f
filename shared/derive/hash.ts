import crypto from 'node:crypto';

// A plain import of node:crypto costs every cold start some milliseconds.

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The first characters of SHA-256 in lower-case base32 (RFC 4648), five bits each; at most 51. */
export const shortHash = (text: string, length: number): string => {
  const digest = crypto.createHash('sha256').update(text, 'utf8').digest();
  let out = '';
  for (let bit = 0; out.length < length; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    out += ALPHABET.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return out;
};
