// How a NAFBlock is cut for the threads: the kernels and what counts their memory must agree.
#pragma once

enum { NAF_PARTS = 64 };

typedef struct {
  long bands;  // of rows that an image is cut into
  int parts;
} naf_cuts;

// Four parts a thread where their sums are small, so that a thread which loses its core holds up nobody.
// Bands compute up to four rows of their neighbours again: they are kept above 32 rows where that fills
// the threads.
static inline naf_cuts naf_split(long B, long H, long C, long threads) {
  long wanted = threads * (C <= 64 ? 4 : C <= 128 ? 2 : 1), most = H < 64 ? 1 : H / 32;
  if (B * most < threads) most = (threads + B - 1) / B;
  if (most > H) most = H;
  long bands = (wanted + B - 1) / B;
  if (bands > most) bands = most;
  long parts = wanted < B * bands ? wanted : B * bands;
  return (naf_cuts){bands, (int)(parts < NAF_PARTS ? parts : NAF_PARTS)};
}
