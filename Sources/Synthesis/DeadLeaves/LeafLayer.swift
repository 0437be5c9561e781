/// What falls in one plane of a picture, and how far out of focus it is.
struct LeafLayer {
  /// The share of the frame that its leaves cover; 1 for a full plane.
  var share = 1.0
  /// The bounds of the radii, in places of the raster.
  var smallest: Double
  var largest: Double
  /// The depths of its first leaf and of its last.
  var near: Double
  var far: Double
  /// The radius of the lens's blur, in pixels.
  var blur = 0.0
}
