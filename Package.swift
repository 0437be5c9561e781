// swift-tools-version:6.1
import PackageDescription

// Engine kernels may fuse multiply-add and always run optimised: a debug build of a numeric loop
// is 5 to 40 times slower and would make `swift test` useless.
let engineC: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno"])]
// Synthesis must give the same bytes on every CPU, so nothing is fused there.
let exactC: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"])]
// Tests run on the release build, the one that users run, and look inside modules.
let swift6: [SwiftSetting] = [
  .enableUpcomingFeature("MemberImportVisibility"), .unsafeFlags(["-enable-testing"]),
]

let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swift6)
}
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies + [.byName(name: name), "TestSupport"],
    swiftSettings: swift6)
}
func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies + [arguments], swiftSettings: swift6)
}

let package = Package(
  name: "dcpt",
  products: [
    .executable(name: "dcpt-data", targets: ["dcpt-data"]),
    .executable(name: "dcpt-train", targets: ["dcpt-train"]),
    .executable(name: "dcpt-bench", targets: ["dcpt-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CKernels", cSettings: engineC),
    .target(name: "CPixels", cSettings: exactC),
    // What dcpt-bench compares with; no product uses it.
    .target(name: "CBench", cSettings: engineC),
    .target(
      name: "CCodecs",
      linkerSettings: ["png", "z", "jpeg", "tiff", "webp", "webpdemux"].map { .linkedLibrary($0) }),

    library("Basics", ["CPixels", "CCrypto"]),
    library("Images", ["Basics", "CPixels", "CCodecs"]),
    library("Recipes", ["Basics", yams]),
    library("Photos", ["Recipes", "Images", "Basics"]),
    library("Degradations", ["Images", "Basics", "CPixels"]),
    library("Records", ["Images", "Basics"]),
    library("Synthesis", ["Degradations", "Records", "Recipes", "Images", "Basics"]),
    library("Tensors", ["Basics", "CKernels", "COpenBLAS"]),
    library("Networks", ["Tensors", "Basics"]),
    library("Training", ["Networks", "Tensors", "Records", "Recipes", "Images", "Basics"]),

    command("dcpt-data", ["Photos", "Synthesis", "Degradations", "Records", "Images", "Basics"]),
    command("dcpt-train", ["Training", "Synthesis", "Networks", "Records", "Images", "Basics"]),
    command(
      "dcpt-bench",
      [
        "Training", "Synthesis", "Degradations", "Records", "Images", "Networks", "Tensors",
        "Basics",
        "CKernels", "CBench", "COpenBLAS",
      ]),

    .target(
      name: "TestSupport", dependencies: ["Basics"], path: "Tests/TestSupport",
      swiftSettings: swift6),
    tests("Basics", []),
    .testTarget(
      name: "ImagesTests", dependencies: ["Images", "Basics", "CPixels", "TestSupport"],
      exclude: ["Fixtures"],
      swiftSettings: swift6),
    tests("Recipes", ["Basics"]),
    tests("Photos", ["Images", "Basics"]),
    tests("Degradations", ["Images", "Basics", "CPixels"]),
    tests("Records", ["Images", "Basics"]),
    tests("Synthesis", ["Degradations", "Records", "Images", "Basics", "CPixels"]),
    tests("Tensors", ["Basics", "CKernels"]),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests("Networks", ["Tensors", "Basics", "CKernels", "CAllocations"]),
    tests("Training", ["Synthesis", "Networks", "Tensors", "Records", "Images", "Basics"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "TestSupport", "Degradations", "Images", "Basics", "dcpt-data", "dcpt-train",
      ],
      swiftSettings: swift6),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
