/** What happens to a picture between its file and the network. Knows no data set and no tensor. */
package gradus.data.transform;
