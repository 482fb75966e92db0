"""What is being done with models in the background, whether a dialog shows it or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from engine.jobs import Progress
from engine.types import ModelInfo, ModelSource, ModelTest
from gui.labels import path_text, short_title
from gui.models.state import Failure, ModelsSeen, ModelView, Running, Work, recommended_id, view_of
from gui.pace import Pace
from gui.translations import user_language
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

_LANE = {Work.DOWNLOAD: "download", Work.CHECK: "model", Work.TEST: "model", Work.SWITCH: "io"}


class _Job:
    """One piece of work on one model."""

    def __init__(self, work: Work, task: Task) -> None:
        self.work = work
        self.task = task
        self.progress: Progress | None = None
        self.pace = Pace()

    def running(self) -> Running:
        return Running(
            self.work,
            started=self.progress is not None or self.work is not Work.DOWNLOAD,
            paused=self.task.paused,
            progress=self.progress,
            rate=self.pace.rate(),
            seconds_left=self.pace.seconds_left(),
        )


class ModelWork(QObject):
    """Downloads, checks, prepares, switches and removes models; remembers what failed and why.

    Signals:
        changed(): `views` answers differently.
        stale(): what the library says of its models has changed; ask it again.
        plan_changed(): other vectors are to be made than before.
        switched(str, str): search changed to another model; the new and the old one's id.
        failed(str, str): a model's id and why what was done with it did not work.
    """

    changed = Signal()
    stale = Signal()
    plan_changed = Signal()
    switched = Signal(str, str)
    failed = Signal(str, str)

    def __init__(self, library: Library, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._jobs: dict[str, _Job] = {}
        self._failures: dict[str, Failure] = {}
        self._tests: dict[str, ModelTest] = {}
        self._folders: dict[str, ModelInfo] = {}  # tried, and not (yet) among the library's
        self.seen = ModelsSeen()
        self.previous = ""  # the model in use before the last switch

    # ---- what there is --------------------------------------------------------------------

    def follow(self, seen: ModelsSeen) -> None:
        """Take what the library said; told here whether search uses another model than before."""
        old, new = self.seen.current_id, seen.current_id
        self.seen = seen
        for info in seen.infos:
            self._folders.pop(info.id, None)
        if old and new and old != new:
            self.previous = old
            self.switched.emit(new, old)
        self.changed.emit()

    def views(self) -> list[ModelView]:
        """All models, in the order of the library, folders that were refused at the end."""
        best = recommended_id(self.seen.infos, user_language())
        infos = [*self.seen.infos, *self._folders.values()]
        known = {info.id for info in infos}
        infos += [_folder(s.model_id, s.title) for s in self.seen.spaces if s.model_id not in known]
        return [self._view(info, best) for info in infos]

    def _view(self, info: ModelInfo, best: str) -> ModelView:
        job = self._jobs.get(info.id)
        return view_of(
            info,
            self.seen,
            running=job.running() if job is not None else None,
            failure=self._failures.get(info.id),
            test=self._tests.get(info.id),
            previous=self.previous,
            recommended=best,
        )

    # ---- what can be done -----------------------------------------------------------------

    def download(self, model_id: str, *, use: bool) -> None:
        """Fetch a model; with `use` it is prepared as soon as it is here."""
        title = self.tr("Downloading %1").replace("%1", short_title(self.seen.title(model_id)))
        job = self._start(
            model_id, Work.DOWNLOAD, lambda: self._library.download_model(model_id), title
        )
        if job is not None and use:
            job.task.succeeded.connect(lambda: self.use(model_id))

    def pause(self, model_id: str) -> None:
        """Hold a download; what is here is kept."""
        if (job := self._jobs.get(model_id)) is not None:
            job.task.pause()

    def resume(self, model_id: str) -> None:
        """Go on with a download."""
        if (job := self._jobs.get(model_id)) is not None:
            job.task.resume()

    def cancel(self, model_id: str) -> None:
        """End a download; what is here is kept for the next time."""
        if (job := self._jobs.get(model_id)) is not None:
            job.task.cancel()

    def use(self, model_id: str) -> None:
        """Check a model and make its vectors; search switches to it when they are complete."""
        self._tests.pop(model_id, None)
        job = self._start(model_id, Work.CHECK, lambda: self._library.prepare_model(model_id))
        if job is not None:
            job.task.succeeded.connect(lambda: self.plan_changed.emit())

    def use_folder(self, folder: Path) -> None:
        """The same with a checkpoint of the user's own."""
        model_id = str(folder)
        if self.seen.info(model_id) is None:
            self._folders[model_id] = _folder(model_id, folder.name or path_text(folder))
        self.use(model_id)

    def switch(self, model_id: str) -> None:
        """Search with this model from now on, complete or not."""
        job = self._start(model_id, Work.SWITCH, lambda: self._library.use_model(model_id))
        if job is not None:
            job.task.succeeded.connect(lambda: self.plan_changed.emit())

    def stop(self) -> None:
        """Do not prepare another model any more."""
        self._do(self._library.cancel_switch, self.seen.upcoming)

    def test(self, model_id: str) -> None:
        """Run a model's self-test."""
        job = self._start(model_id, Work.TEST, lambda: self._library.test_model(model_id))
        if job is not None:
            job.task.succeeded.connect(partial(self._keep_test, model_id))

    def remove(self, model_id: str) -> None:
        """Delete a download."""
        self._tests.pop(model_id, None)
        self._do(lambda: self._library.remove_model(model_id), self.seen.space(model_id), model_id)

    def free(self, model_id: str) -> None:
        """Delete a model's vectors."""
        self._do(lambda: self._library.drop_vectors(model_id), None, model_id)

    def dismiss(self, model_id: str) -> None:
        """Forget a failure, and a folder that was refused."""
        self._failures.pop(model_id, None)
        self._folders.pop(model_id, None)
        self.changed.emit()

    # ---- inside ---------------------------------------------------------------------------

    def _start(
        self, model_id: str, work: Work, call: Callable[[], object], title: str = ""
    ) -> _Job | None:
        """Begin something with a model, unless something is being done with it already."""
        if model_id in self._jobs:
            return None
        self._failures.pop(model_id, None)
        job = _Job(work, self._workers.start(_LANE[work], title, call))
        self._jobs[model_id] = job
        job.task.progressed.connect(partial(self._progress, job))
        job.task.paused_changed.connect(lambda: self._restart(job))
        job.task.failed.connect(partial(self._fail, model_id, work))
        job.task.cancelled.connect(lambda: self._end(model_id, job))
        job.task.succeeded.connect(lambda: self._end(model_id, job))
        job.task.finished.connect(lambda: self._end(model_id, job))
        self.changed.emit()
        return job

    def _do(self, call: Callable[[], object], space: object, model_id: str = "") -> None:
        """Something short on the library, without a state of its own."""
        task = self._workers.start("io", "", call)
        task.failed.connect(partial(self._fail, model_id, Work.SWITCH))
        task.succeeded.connect(lambda: self.plan_changed.emit() if space else None)
        task.finished.connect(lambda: self.stale.emit())

    def _progress(self, job: _Job, progress: Progress) -> None:
        job.progress = progress
        job.pace.add(progress.done, progress.total, time.monotonic())
        self.changed.emit()

    def _restart(self, job: _Job) -> None:
        job.pace.restart()
        self.changed.emit()

    def _keep_test(self, model_id: str, found: ModelTest) -> None:
        self._tests[model_id] = found
        self.changed.emit()

    def _fail(self, model_id: str, work: Work, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._failures[model_id] = Failure(work, str(error))
            self.failed.emit(model_id, str(error))

    def _end(self, model_id: str, job: _Job) -> None:
        """Once, and before what follows on a success begins."""
        if self._jobs.get(model_id) is job:
            del self._jobs[model_id]
            self.changed.emit()
            self.stale.emit()


def _folder(model_id: str, title: str) -> ModelInfo:
    """A folder of which nothing is known but where it is."""
    return ModelInfo(model_id, title, ModelSource.FOLDER, "", "", 0, 0)
