"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  document.getElementById("summary").textContent =
    data.issues + " of " + data.images + " labels of " + data.name + " are likely to be wrong; the most confident "
    + data.shown.length + " are shown. Look at each: some pictures are merely hard.";
  const sheet = document.getElementById("sheet");
  const add = (parent, tag, text, name) => {
    const element = document.createElement(tag);
    element.textContent = text;
    element.className = name;
    parent.append(element);
  };
  for (const issue of data.shown) {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = issue.image;
    image.alt = issue.file;
    const caption = document.createElement("figcaption");
    add(caption, "div", "labelled " + issue.given, "given");
    add(caption, "div", "looks like " + issue.suggested + " (" + issue.confidence.toFixed(2) + ")", "suggested");
    add(caption, "div", issue.file, "file");
    figure.append(image, caption);
    sheet.append(figure);
  }
})();
