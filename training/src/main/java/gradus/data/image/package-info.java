/** One picture in memory, and how it comes out of a file. Knows no data set and no tensor. */
package gradus.data.image;
