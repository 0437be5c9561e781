# make demo     the whole road on generated pictures: runs/demo/report/report.md (at most 12 minutes)
# make test     every test
# make sanitize the tests of files and kernels under AddressSanitizer
# make race     the tests of what threads share under ThreadSanitizer
# make interop  our shards in other programs, theirs in ours, the page of a set in a browser
# make photos   fetch free photographs into datasets/photos (PHOTOS=all for all of datasets/README.md)
# make experiment   the same road on photographs: runs/photos/report/report.md (over an hour)
# make experiment-sources   photographs against dead leaves as clean pictures: runs/sources/report/report.md (half an hour)
# make experiment-networks   DCPT against scratch for the four compact networks: runs/networks (over an hour)
# make proof    the reference's numbers, the whole catalog at length under each instruction set, the speed tables
# make build    the three commands, in .build/release
.PHONY: build demo test sanitize race interop photos experiment experiment-sources experiment-networks proof clean

DATA  = .build/release/dcpt-data
TRAIN = .build/release/dcpt-train
BENCH = .build/release/dcpt-bench

D = runs/demo
P = runs/photos
PHOTOS ?= small

# The instruction sets of this CPU beside the portable one, and what is said last of those that it lacks.
ISAS := $(shell for isa in avx2 avx512vl; do grep -qw $$isa /proc/cpuinfo && echo $${isa%vl}; done)
LACKING := $(filter-out $(ISAS),avx2 avx512)
say-lacking = @test -z "$(LACKING)" || echo "NOT TESTED: this CPU lacks $(LACKING)" >&2

build:
	@.ci/install-deps
	swift build -c release

test:
	@.ci/install-deps
	swift test -c release
	@for isa in portable $(filter avx2,$(ISAS)); do \
	  echo "the numeric tests once more with DCPT_ISA=$$isa"; \
	  DCPT_ISA=$$isa swift test -c release --skip-build \
	    --filter 'Tensors|Networks|Training|Degradations|Synthesis' || exit 1; \
	done
	$(say-lacking)

# The layers that parse files and handle raw memory, once more under AddressSanitizer. What lives until the
# end (pools, tables) is no leak.
sanitize:
	@.ci/install-deps
	ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize=address --scratch-path .build/sanitize \
	  --filter 'Basics|Images|Records|Photos|Tensors|Degradations'

# Everything that runs on several threads, under ThreadSanitizer: long to build, so a part of the proof. The
# loader's memory is counted to the byte, which is another one there.
race:
	@.ci/install-deps
	swift test -c release --sanitize=thread -Xswiftc -DTHREAD_SANITIZER --scratch-path .build/race \
	  --filter 'Basics|Records|Tensors|Networks|Training|Synthesis' --skip LoaderMemory

interop: build
	Tests/Interop/run.sh

demo: build
	$(DATA) synth manifests/5d.yaml --count 1500 --size 128 --out $(D)/data/train
	$(DATA) synth manifests/5d.yaml --split validation --count 25 --size 128 \
	  --out $(D)/data/validation
	$(DATA) synth manifests/5d-test.yaml --size 128 --split test --out $(D)/data/test
	$(DATA) verify $(D)/data/train/manifest.json
	$(DATA) verify $(D)/data/test/manifest.json
	$(DATA) grid $(D)/data/test/manifest.json --out $(D)/samples.png
	$(TRAIN) pretrain manifests/demo-pretrain.yaml --data $(D)/data/train/manifest.json \
	  --validation $(D)/data/validation/manifest.json \
	  --out $(D)/pretrain --resume
	$(TRAIN) finetune manifests/demo-finetune.yaml --data $(D)/data/train/manifest.json \
	  --validation $(D)/data/validation/manifest.json \
	  --from $(D)/pretrain --out $(D)/dcpt --resume
	$(TRAIN) finetune manifests/demo-finetune.yaml --data $(D)/data/train/manifest.json \
	  --validation $(D)/data/validation/manifest.json \
	  --from-scratch --out $(D)/scratch --resume
	$(TRAIN) evaluate --data $(D)/data/test/manifest.json --pretrained pretrain=$(D)/pretrain \
	  --weights scratch=$(D)/scratch --weights dcpt=$(D)/dcpt --out $(D)/report
	@echo "the report: $(D)/report/report.md"

photos: build
	PHOTOS=$(PHOTOS) datasets/fetch_photos.sh

FINETUNE = $(TRAIN) finetune manifests/photos-finetune.yaml --threads 1 --resume \
  --data $(P)/data/train/manifest.json --validation $(P)/data/validation/manifest.json

experiment: photos
	$(DATA) synth manifests/5d.yaml --clean datasets/photos --count 4000 --out $(P)/data/train
	$(DATA) synth manifests/5d.yaml --clean datasets/photos --split validation --count 100 \
	  --out $(P)/data/validation
	$(DATA) synth manifests/5d-test.yaml --clean datasets/photos --split test --out $(P)/data/test
	$(DATA) verify $(P)/data/train/manifest.json
	$(DATA) verify $(P)/data/test/manifest.json
	$(DATA) grid $(P)/data/test/manifest.json --out $(P)/samples.png
	$(TRAIN) pretrain manifests/photos-pretrain.yaml --data $(P)/data/train/manifest.json \
	  --out $(P)/pretrain --threads 2 --resume
	@# Side by side, a core each: faster than one after the other on both.
	$(FINETUNE) --from $(P)/pretrain --out $(P)/dcpt & first=$$!; \
	$(FINETUNE) --from-scratch --out $(P)/scratch & second=$$!; \
	wait $$first && wait $$second
	$(TRAIN) evaluate --data $(P)/data/test/manifest.json --pretrained pretrain=$(P)/pretrain \
	  --weights scratch=$(P)/scratch --weights dcpt=$(P)/dcpt --out $(P)/report
	@echo "the report: $(P)/report/report.md"

# The suites of issue "The degradation laboratory", longer than in `make test`, once for each instruction set of
# this CPU. DCPT_GOLDEN=FOLDER compares with the numbers of another picture.
PROOF = Golden|Luma|Catalog|Physics|Plane|PublishedDefects|Statistics|Noise|Mosaic|SourceKind|DataCommand|Permutation

S = runs/sources
SOURCES = $(TRAIN) finetune manifests/photos-finetune.yaml --total-iter 12000 --threads 1 --resume \
  --from-scratch --validation $(S)/validation/manifest.json

# The same recipe, budget and test photographs; only where the clean training pictures come from differs.
experiment-sources: photos
	$(DATA) synth manifests/5d.yaml --clean datasets/photos --count 4000 --out $(S)/photos/train
	$(DATA) synth manifests/5d.yaml --count 4000 --out $(S)/leaves/train
	$(DATA) synth manifests/5d.yaml --clean datasets/photos --split validation --count 100 \
	  --out $(S)/validation
	$(DATA) synth manifests/5d-test.yaml --clean datasets/photos --split test --out $(S)/test
	$(SOURCES) --data $(S)/photos/train/manifest.json --out $(S)/photos/run & first=$$!; \
	$(SOURCES) --data $(S)/leaves/train/manifest.json --out $(S)/leaves/run & second=$$!; \
	wait $$first && wait $$second
	$(TRAIN) evaluate --data $(S)/test/manifest.json --weights leaves=$(S)/leaves/run \
	  --weights photos=$(S)/photos/run --out $(S)/report
	@echo "the report: $(S)/report/report.md"

# Two runs side by side, a thread each.
experiment-networks: photos
	docs/experiments/networks.sh runs/networks

proof: build race
	swift build -c release --build-tests
	@for isa in portable $(ISAS); do \
	  echo "the proof with DCPT_ISA=$$isa"; \
	  DCPT_PROOF=1 DCPT_ISA=$$isa swift test -c release --skip-build --filter '$(PROOF)' || exit 1; \
	done
	$(say-lacking)
	Tests/Interop/run.sh --dali
	.build/interop/torch/bin/python Tests/Interop/loss_curves.py $(DATA) $(TRAIN) .build/interop/curves 200
	DCPT_PROOF=1 swift test -c release --skip-build --filter FlippedBit
	@# A million damaged files: no byte read behind their ends, no memory for sizes that they only claim.
	DCPT_PROOF=1 ASAN_OPTIONS=detect_leaks=0:max_allocation_size_mb=64 \
	  swift test -c release --sanitize=address --scratch-path .build/sanitize --filter 'FuzzTests|LMDBIndexTests'
	@echo "the proof of killed runs: 200 kills of synth, 100 of jobs and merges, disks of every size"
	DCPT_PROOF=1 swift test -c release --skip-build --filter CrashTests
	$(BENCH) synthesis
	$(BENCH) network
	$(BENCH) loader

clean:
	rm -rf .build runs
