"""Which records a batch of dcpt-train holds, computed as docs/loader.md has it: a whole set shuffled anew every epoch."""

WORD = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
ROUNDS = range(64)


def mix(word):
    """The finalizer of SplitMix64."""
    word &= WORD
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ word >> 27) * 0x94D049BB133111EB & WORD
    return word ^ word >> 31


def epoch_order(count, seed, epoch):
    """The records of an epoch, from 0, in their order: swap-or-not with 64 rounds."""
    key = mix(mix(seed + GOLDEN) + mix((epoch + 1) * 0xD1342543DE82EF95))
    offsets = [mix(key + (2 * i + 1) * GOLDEN) * count >> 64 for i in ROUNDS]
    tweaks = [mix(key + (2 * i + 2) * GOLDEN) for i in ROUNDS]

    def record(place):
        for offset, tweak in zip(offsets, tweaks):
            partner = (offset - place) % count
            if mix(tweak ^ (max(place, partner) * GOLDEN & WORD)) >> 63:
                place = partner
        return place

    return [record(place) for place in range(count)]


def batches(count, size, seed):
    """The records of one batch after the other, without end; those that fill no batch are left out of their epoch."""
    epoch = 0
    while True:
        order = epoch_order(count, seed, epoch)
        for first in range(0, count - size + 1, size):
            yield order[first : first + size]
        epoch += 1
