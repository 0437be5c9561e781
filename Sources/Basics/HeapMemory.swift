import CPixels

/// How the C library's heap treats memory that is free again.
public enum HeapMemory {
  /// Keeps freed memory for the next picture instead of giving it back to the system.
  ///
  /// A picture's buffers live a few milliseconds. Without this each is mapped anew, and the first touch of
  /// every 4 KiB page costs more than what is computed on it: a third of the time of most degradations.
  /// Call it first in a program that makes pictures.
  public static func keep() { dp_keep_freed_memory() }
}
