// Build all sections of the page from its JSON, which docs/html-report.md describes.

{
    const source = get("report"), report = JSON.parse(source.textContent);
    source.textContent = ""; // free the text
    document.documentElement.classList.add("script");
    showTiles(report);
    showTrainer(report);
    showRules(report);
    showPlaces(report);
    showStatistics(report);
    showTable(report);
    watchRules();
}
