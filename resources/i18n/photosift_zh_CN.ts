<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AlbumDesk</name>
    <message>
        <source>Name of the new album</source>
        <translation>新相册的名称</translation>
    </message>
    <message>
        <source>Album “%1” made</source>
        <translation>相册“%1”已建立</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) added to “%1”</source>
        <translation>
            <numerusform>已将 %Ln 张照片加入“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>Order of “%1” changed</source>
        <translation>“%1”的顺序已更改</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved in “%1”</source>
        <translation>
            <numerusform>已在“%1”中移动 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) taken out of “%1”</source>
        <translation>
            <numerusform>已将 %Ln 张照片移出“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>Rename the album</source>
        <translation>重命名相册</translation>
    </message>
    <message>
        <source>Album “%1” renamed</source>
        <translation>相册“%1”已重命名</translation>
    </message>
    <message>
        <source>Album “%1” deleted</source>
        <translation>相册“%1”已删除</translation>
    </message>
    <message>
        <source>Album “%1” moved</source>
        <translation>相册“%1”已移动</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Delete the album (its photos stay)</source>
        <translation>删除相册（照片保留）</translation>
    </message>
    <message>
        <source>Add to an album</source>
        <translation>加入相册</translation>
    </message>
    <message>
        <source>Take out of this album</source>
        <translation>移出此相册</translation>
    </message>
    <message>
        <source>New album…</source>
        <translation>新建相册…</translation>
    </message>
</context>
<context>
    <name>AnswerBar</name>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Not now (S)</source>
        <translation>暂不（S）</translation>
    </message>
    <message>
        <source>They do not belong (N or Backspace)</source>
        <translation>它们不属于（N 或退格键）</translation>
    </message>
    <message>
        <source>They belong (Y or Enter)</source>
        <translation>它们属于（Y 或回车键）</translation>
    </message>
    <message>
        <source>All that reach the cut belong (Ctrl+Enter)</source>
        <translation>达到门槛的全部属于（Ctrl+回车）</translation>
    </message>
    <message numerus="yes">
        <source>Reject %Ln photo(s)</source>
        <translation>
            <numerusform>拒绝 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>拒绝</translation>
    </message>
    <message numerus="yes">
        <source>Accept %Ln photo(s)</source>
        <translation>
            <numerusform>接受 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message numerus="yes">
        <source>Accept all %Ln</source>
        <translation>
            <numerusform>全部接受（%Ln）</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Accept the %Ln above the cut</source>
        <translation>
            <numerusform>接受门槛以上的 %Ln 张</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BoxActs</name>
    <message>
        <source>Find similar photos (S)</source>
        <translation>查找相似照片 (S)</translation>
    </message>
    <message>
        <source>Find this thing in the other photos (O)</source>
        <translation>在其他照片中查找这个物体 (O)</translation>
    </message>
    <message>
        <source>Copy what is in the box (C)</source>
        <translation>复制框中的内容 (C)</translation>
    </message>
    <message>
        <source>Save what is in the box…</source>
        <translation>保存框中的内容…</translation>
    </message>
    <message>
        <source>Tag the photo “%1”</source>
        <translation>给照片加上标签“%1”</translation>
    </message>
    <message>
        <source>Add the photo as example</source>
        <translation>把照片添加为示例</translation>
    </message>
    <message>
        <source>Copied, %1 × %2 pixels</source>
        <translation>已复制，%1 × %2 像素</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Save what is in the box</source>
        <translation>保存框中的内容</translation>
    </message>
    <message>
        <source>Pictures (*.jpg *.png)</source>
        <translation>图片 (*.jpg *.png)</translation>
    </message>
    <message>
        <source>Saved as “%1”</source>
        <translation>已保存为“%1”</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
</context>
<context>
    <name>BoxEditor</name>
    <message>
        <source>What is in the box?</source>
        <translation>框里是什么？</translation>
    </message>
    <message>
        <source>What is it really?</source>
        <translation>它究竟是什么？</translation>
    </message>
    <message>
        <source>Keep (K)</source>
        <translation>保留 (K)</translation>
    </message>
    <message>
        <source>Change the label… (F2)</source>
        <translation>更改标注… (F2)</translation>
    </message>
    <message>
        <source>Move or size the box (E)</source>
        <translation>移动框或调整其大小 (E)</translation>
    </message>
    <message>
        <source>Hide “%1” (H)</source>
        <translation>隐藏“%1” (H)</translation>
    </message>
    <message>
        <source>Delete the box (Del)</source>
        <translation>删除框 (Del)</translation>
    </message>
</context>
<context>
    <name>BoxGrid</name>
    <message>
        <source>Photos with what was found</source>
        <translation>照片及找到的物体</translation>
    </message>
</context>
<context>
    <name>BoxWords</name>
    <message>
        <source>kept by you</source>
        <translation>由你保留</translation>
    </message>
    <message>
        <source>drawn by you</source>
        <translation>由你绘制</translation>
    </message>
    <message>
        <source>corrected by you</source>
        <translation>由你更正</translation>
    </message>
    <message>
        <source>found</source>
        <translation>找到的</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>第 %1 次运行</translation>
    </message>
    <message>
        <source>the photo has changed since</source>
        <translation>此后照片有改动</translation>
    </message>
</context>
<context>
    <name>CategoriesPage</name>
    <message>
        <source>Say in a few words what your photos are to be sorted by.</source>
        <translation>用几个词说说照片要按什么来分类。</translation>
    </message>
    <message>
        <source>Choose categories</source>
        <translation>选择分类</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add a category or a set</source>
        <translation>添加分类或分类组</translation>
    </message>
    <message>
        <source>New category</source>
        <translation>新分类</translation>
    </message>
    <message>
        <source>From the vocabulary…</source>
        <translation>从词汇表…</translation>
    </message>
    <message>
        <source>New set: only one fits</source>
        <translation>新分类组：只属于一个</translation>
    </message>
    <message>
        <source>New set: several can fit</source>
        <translation>新分类组：可属于多个</translation>
    </message>
    <message>
        <source>Tag my photos</source>
        <translation>为照片加标签</translation>
    </message>
    <message>
        <source>Put the tags of automatic categories on all photos</source>
        <translation>把自动分类的标签加到所有照片上</translation>
    </message>
    <message>
        <source>Sort into folders…</source>
        <translation>整理到文件夹…</translation>
    </message>
    <message>
        <source>Put the photos of categories into folders</source>
        <translation>把各类别的照片放进文件夹</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>分类</translation>
    </message>
    <message>
        <source>New set</source>
        <translation>新分类组</translation>
    </message>
</context>
<context>
    <name>CategoryChoice</name>
    <message>
        <source>Categories to sort by</source>
        <translation>按哪些类别整理</translation>
    </message>
</context>
<context>
    <name>CategoryEditor</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Name of the category</source>
        <translation>分类名称</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>It does nothing</source>
        <translation>什么也不做</translation>
    </message>
    <message>
        <source>Suggest</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>It shows photos for review</source>
        <translation>列出照片供你审阅</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>It tags photos by itself, new ones as they come</source>
        <translation>自动为照片加标签，新照片也会随到随加</translation>
    </message>
    <message>
        <source>What it does by itself</source>
        <translation>它自动做什么</translation>
    </message>
    <message>
        <source>What its photos show, one description per line</source>
        <translation>照片里有什么，每行一个描述</translation>
    </message>
    <message>
        <source>The best matches</source>
        <translation>最匹配的照片</translation>
    </message>
    <message>
        <source>Example photos</source>
        <translation>示例照片</translation>
    </message>
    <message>
        <source>Drag photos here, or choose “Add as example” in a photo&apos;s menu.</source>
        <translation>把照片拖到这里，或在照片菜单中选择“添加为示例”。</translation>
    </message>
    <message>
        <source>Folder for sorting</source>
        <translation>整理用的文件夹</translation>
    </message>
    <message>
        <source>Learn from my answers</source>
        <translation>从我的回答中学习</translation>
    </message>
    <message>
        <source>Start again from the words; tags stay</source>
        <translation>重新只按文字判断；标签保留</translation>
    </message>
    <message>
        <source>Remove category</source>
        <translation>移除分类</translation>
    </message>
    <message>
        <source>Its tags stay on the photos</source>
        <translation>它的标签会留在照片上</translation>
    </message>
    <message>
        <source>Best matches</source>
        <translation>最匹配</translation>
    </message>
    <message numerus="yes">
        <source>Forget %Ln answer(s)</source>
        <translation>
            <numerusform>忘记 %Ln 个回答</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Review %Ln suggestion(s)</source>
        <translation>
            <numerusform>审阅 %Ln 条建议</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show its %Ln photo(s)</source>
        <translation>
            <numerusform>显示它的 %Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CategoryTree</name>
    <message>
        <source>Categories</source>
        <translation>分类</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) at its cut</source>
        <translation>
            <numerusform>达到门槛的有 %Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Leave out “%1”</source>
        <translation>去掉“%1”</translation>
    </message>
    <message>
        <source>Click to change its weight</source>
        <translation>点击可更改权重</translation>
    </message>
    <message>
        <source>Much more of this</source>
        <translation>大大加重</translation>
    </message>
    <message>
        <source>More of this</source>
        <translation>加重</translation>
    </message>
    <message>
        <source>As it is</source>
        <translation>照常</translation>
    </message>
    <message>
        <source>Less important</source>
        <translation>减轻</translation>
    </message>
    <message>
        <source>Not like this</source>
        <translation>不要像这样</translation>
    </message>
    <message>
        <source>Not at all like this</source>
        <translation>完全不要像这样</translation>
    </message>
</context>
<context>
    <name>ClearingRow</name>
    <message>
        <source>Bring back</source>
        <translation>恢复</translation>
    </message>
</context>
<context>
    <name>ClearingsPage</name>
    <message>
        <source>Nothing was cleared yet.</source>
        <translation>还没有清理过任何照片。</translation>
    </message>
    <message>
        <source>Look at duplicates</source>
        <translation>查看重复照片</translation>
    </message>
</context>
<context>
    <name>ColourButton</name>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Colour of the dot</source>
        <translation>圆点的颜色</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿</translation>
    </message>
    <message>
        <source>Turquoise</source>
        <translation>青</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝</translation>
    </message>
    <message>
        <source>Violet</source>
        <translation>紫</translation>
    </message>
    <message>
        <source>Pink</source>
        <translation>粉</translation>
    </message>
    <message>
        <source>No colour</source>
        <translation>无颜色</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Found by %1</source>
        <translation>%1 找到的</translation>
    </message>
</context>
<context>
    <name>CompareDialog</name>
    <message>
        <source>Compare models</source>
        <translation>比较模型</translation>
    </message>
    <message>
        <source>Search with both, in your own words</source>
        <translation>用自己的话，让两个模型同时搜索</translation>
    </message>
    <message>
        <source>What to search for</source>
        <translation>要搜索的内容</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Keep %1</source>
        <translation>保留 %1</translation>
    </message>
    <message>
        <source>Switch to %1</source>
        <translation>切换到 %1</translation>
    </message>
    <message>
        <source>Which one finds what you mean?</source>
        <translation>哪一个更懂您的意思？</translation>
    </message>
    <message>
        <source>Try one of your searches</source>
        <translation>试试您最近的搜索</translation>
    </message>
    <message>
        <source>Type what you would search for; both models answer.</source>
        <translation>输入要搜索的内容，两个模型都会给出结果。</translation>
    </message>
    <message>
        <source>Search for %1</source>
        <translation>搜索 %1</translation>
    </message>
    <message>
        <source>Both are looking…</source>
        <translation>两个模型正在查找…</translation>
    </message>
    <message>
        <source>Neither finds anything.</source>
        <translation>两个模型都没有找到。</translation>
    </message>
    <message numerus="yes">
        <source>Both find the same %n photo(s).</source>
        <translation>
            <numerusform>两个模型找到的 %n 张照片相同。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of the first %n photo(s) are in both; the others are marked.</source>
        <translation>
            <numerusform>前 %n 张照片中有 %1 张两边都有，其余已标出。</numerusform>
        </translation>
    </message>
    <message>
        <source>Compared are the %1 that both have seen.</source>
        <translation>比较的是两个模型都看过的 %1。</translation>
    </message>
    <message>
        <source>Search changes at once; you can go back at once too</source>
        <translation>搜索立即切换，也可以立即换回</translation>
    </message>
    <message>
        <source>Search changes as soon as it has seen all photos</source>
        <translation>看完所有照片后，搜索即切换</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Photos beside each other</source>
        <translation>并排的照片</translation>
    </message>
    <message>
        <source>Back (Esc)</source>
        <translation>返回 (Esc)</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小 (-)</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Fit or 100 % (Z)</source>
        <translation>适合窗口或 100 % (Z)</translation>
    </message>
    <message>
        <source>Full screen (F)</source>
        <translation>全屏 (F)</translation>
    </message>
    <message>
        <source>This photo is on a drive that is offline. This is its preview.</source>
        <translation>这张照片所在的磁盘未连接，这里显示的是它的预览。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) compared</source>
        <translation>
            <numerusform>正在比较 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2: %3</source>
        <translation>第 %1 张，共 %2 张：%3</translation>
    </message>
    <message>
        <source>Move each alone (L)</source>
        <translation>各自移动 (L)</translation>
    </message>
    <message>
        <source>Move all together (L)</source>
        <translation>一起移动 (L)</translation>
    </message>
    <message>
        <source>All move together</source>
        <translation>全部一起移动</translation>
    </message>
</context>
<context>
    <name>ComparePane</name>
    <message>
        <source>Comparison</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Flick</source>
        <translation>切换</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Beside each other, at the same place (1)</source>
        <translation>并排显示同一位置 (1)</translation>
    </message>
    <message>
        <source>One in the place of the other; Space changes them (2)</source>
        <translation>在同一位置轮流显示，按空格键切换 (2)</translation>
    </message>
    <message>
        <source>Half of the one, half of the other (3)</source>
        <translation>一半是这张，一半是那张 (3)</translation>
    </message>
    <message>
        <source>What differs glows (4)</source>
        <translation>不同之处发亮 (4)</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小 (-)</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Fit or 100 % (Z)</source>
        <translation>适合窗口或 100 % (Z)</translation>
    </message>
    <message>
        <source>Where the two meet</source>
        <translation>分割的位置</translation>
    </message>
    <message>
        <source>How strongly it glows</source>
        <translation>差异的亮度</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>出错了</translation>
    </message>
    <message>
        <source>Something went wrong in Photosift</source>
        <translation>Photosift 出错了</translation>
    </message>
    <message>
        <source>It is a mistake in the program. Nothing of your photos was touched. You can keep working; if things look odd, quit and start again.</source>
        <translation>这是程序的错误，您的照片没有受到任何影响。可以继续使用；如果显示不正常，请退出后重新启动。</translation>
    </message>
    <message>
        <source>Details for a report</source>
        <translation>错误报告详情</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation>显示日志</translation>
    </message>
    <message>
        <source>Quit Photosift</source>
        <translation>退出 Photosift</translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation>继续使用</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more of the kind followed; see the log.</source>
        <translation>
            <numerusform>随后又出现 %Ln 个类似错误，详见日志。</numerusform>
        </translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>CutPanel</name>
    <message>
        <source>How sure it must be</source>
        <translation>需要多大把握</translation>
    </message>
    <message>
        <source>Left: more photos. Right: only the surest.</source>
        <translation>向左：更多照片。向右：只要最有把握的。</translation>
    </message>
    <message>
        <source>Photos at this cut</source>
        <translation>达到此门槛的照片</translation>
    </message>
    <message>
        <source>Let it learn the cut</source>
        <translation>让它自己学门槛</translation>
    </message>
    <message>
        <source>Put the cut where your answers put it, instead of where you did</source>
        <translation>按你的回答定门槛，而不是按你手动设置的位置</translation>
    </message>
    <message>
        <source>Just below the cut</source>
        <translation>略低于门槛</translation>
    </message>
    <message>
        <source>Just above the cut</source>
        <translation>略高于门槛</translation>
    </message>
    <message>
        <source>No photo below the cut</source>
        <translation>没有照片低于门槛</translation>
    </message>
    <message>
        <source>No photo reaches the cut</source>
        <translation>没有照片达到门槛</translation>
    </message>
    <message>
        <source>Just below: left out</source>
        <translation>略低：不算</translation>
    </message>
    <message>
        <source>Just above: in</source>
        <translation>略高：算</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) at this cut</source>
        <translation>
            <numerusform>达到此门槛的有 %Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CutRow</name>
    <message>
        <source>How sure it must be of “%1”</source>
        <translation>对“%1”需要多确定</translation>
    </message>
    <message>
        <source>As sure as of the others</source>
        <translation>与其他标注相同</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Photosift: demo</source>
        <translation>Photosift：演示</translation>
    </message>
    <message>
        <source>Photosift</source>
        <translation>Photosift</translation>
    </message>
</context>
<context>
    <name>DetectDesk</name>
    <message numerus="yes">
        <source>%Ln selected photo(s)</source>
        <translation>
            <numerusform>选中的 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Selected photos</source>
        <translation>选中的照片</translation>
    </message>
    <message>
        <source>Search “%1”</source>
        <translation>搜索“%1”</translation>
    </message>
    <message numerus="yes">
        <source>The best %Ln of “%1”</source>
        <translation>
            <numerusform>“%1”最匹配的 %Ln 张</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln match(es) of “%1”</source>
        <translation>
            <numerusform>“%1”的 %Ln 个匹配</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln of “%1”</source>
        <translation>
            <numerusform>“%1”的全部 %Ln 张</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln similar photo(s)</source>
        <translation>
            <numerusform>%Ln 张相似照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Similar photos</source>
        <translation>相似照片</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) in “%1”</source>
        <translation>
            <numerusform>“%1”中的 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) in this folder</source>
        <translation>
            <numerusform>此文件夹中的 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>A folder</source>
        <translation>一个文件夹</translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s)</source>
        <translation>
            <numerusform>全部 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>全部照片</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Find similar photos</source>
        <translation>查找相似照片</translation>
    </message>
    <message numerus="yes">
        <source>Tag %Ln photo(s) “%1”</source>
        <translation>
            <numerusform>给 %Ln 张照片加上标签“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>Add a tag…</source>
        <translation>添加标签…</translation>
    </message>
    <message>
        <source>Copy files</source>
        <translation>复制文件</translation>
    </message>
    <message>
        <source>this thing</source>
        <translation>这个物体</translation>
    </message>
    <message>
        <source>Like the box in “%1”</source>
        <translation>与“%1”中的框相似</translation>
    </message>
    <message>
        <source>Looking for things was stopped in the middle.</source>
        <translation>查找物体在中途停止了。</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
</context>
<context>
    <name>DetectWork</name>
    <message numerus="yes">
        <source>%Ln box(es) kept</source>
        <translation>
            <numerusform>已保留 %Ln 个框</numerusform>
        </translation>
    </message>
    <message>
        <source>“%1” added</source>
        <translation>已添加“%1”</translation>
    </message>
    <message>
        <source>“%1” is called “%2” now</source>
        <translation>“%1”现在叫“%2”</translation>
    </message>
    <message>
        <source>The box of “%1” was changed</source>
        <translation>“%1”的框已更改</translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es) deleted</source>
        <translation>
            <numerusform>已删除 %Ln 个框</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DetectionSection</name>
    <message numerus="yes">
        <source>%Ln thing(s)</source>
        <translation>
            <numerusform>%Ln 个物体</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>还有 %Ln 项</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show %Ln more thing(s)</source>
        <translation>
            <numerusform>再显示 %Ln 个物体</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Add a folder of photos</source>
        <translation>添加照片文件夹</translation>
    </message>
    <message>
        <source>Remove a folder</source>
        <translation>移除文件夹</translation>
    </message>
    <message>
        <source>Remove the folder “{}” from the library?</source>
        <translation>从图库中移除文件夹“{}”？</translation>
    </message>
    <message>
        <source>The photos stay where they are. If you add the folder again, all that was known of them is back.</source>
        <translation>照片会保留在原处。重新添加此文件夹后，之前的信息都会恢复。</translation>
    </message>
    <message>
        <source>Remove folder</source>
        <translation>移除文件夹</translation>
    </message>
    <message>
        <source>The language changes when Photosift is started again.</source>
        <translation>重新启动 Photosift 后语言生效。</translation>
    </message>
    <message>
        <source>Search uses %1 now.</source>
        <translation>搜索现在使用 %1。</translation>
    </message>
    <message>
        <source>Go back to %1</source>
        <translation>换回 %1</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
</context>
<context>
    <name>Divider</name>
    <message numerus="yes">
        <source>%Ln match(es)</source>
        <translation>
            <numerusform>%Ln 个匹配</numerusform>
        </translation>
    </message>
    <message>
        <source>Weaker matches (%1)</source>
        <translation>较弱的匹配（%1）</translation>
    </message>
    <message>
        <source>Show weaker matches</source>
        <translation>显示较弱的匹配</translation>
    </message>
    <message>
        <source>Hide weaker matches</source>
        <translation>隐藏较弱的匹配</translation>
    </message>
</context>
<context>
    <name>DuplicateDesk</name>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
</context>
<context>
    <name>DuplicateNotes</name>
    <message>
        <source>%1 belongs to it and has no copy beside %2.</source>
        <translation>%1 属于它，而 %2 旁边没有它的副本。</translation>
    </message>
    <message>
        <source>%1 belongs to it and is a hard link: its bytes stay by another name, and no space is freed.</source>
        <translation>属于它的 %1 是硬链接：内容仍以另一个名称保留，不会腾出空间。</translation>
    </message>
    <message>
        <source>It is a hard link: its bytes stay by another name, and no space is freed.</source>
        <translation>它是硬链接：内容仍以另一个名称保留，不会腾出空间。</translation>
    </message>
    <message>
        <source>%1, which belongs to it, is being changed.</source>
        <translation>属于它的 %1 正在被修改。</translation>
    </message>
    <message>
        <source>A photo that belongs to it is what another group keeps.</source>
        <translation>属于它的一张照片是另一组要保留的。</translation>
    </message>
    <message>
        <source>It is what another group keeps.</source>
        <translation>它是另一组要保留的照片。</translation>
    </message>
    <message>
        <source>It is not among the duplicates of the photo that stays any more.</source>
        <translation>它已不再是所保留照片的重复项。</translation>
    </message>
    <message>
        <source>It is not in the library any more.</source>
        <translation>它已不在图库中。</translation>
    </message>
    <message>
        <source>%1 belongs to the library&apos;s own data.</source>
        <translation>%1 属于图库自身的数据。</translation>
    </message>
    <message>
        <source>Its disk does not tell whether two names are one file.</source>
        <translation>它所在的磁盘无法说明两个名称是否为同一文件。</translation>
    </message>
    <message>
        <source>Its disk has no trash, and there is too little space in %1.</source>
        <translation>它所在的磁盘没有回收站，而 %1 的空间不足。</translation>
    </message>
    <message>
        <source>Another file lies at its old place.</source>
        <translation>它原来的位置上已有另一个文件。</translation>
    </message>
    <message>
        <source>A file lies where its folder was.</source>
        <translation>它原来的文件夹所在之处现在是一个文件。</translation>
    </message>
    <message>
        <source>It is not in the trash any more.</source>
        <translation>它已不在回收站中。</translation>
    </message>
    <message>
        <source>Its old folder is not there; is its drive connected?</source>
        <translation>它原来的文件夹不存在；它所在的驱动器已连接吗？</translation>
    </message>
    <message>
        <source>The disk is full.</source>
        <translation>磁盘已满。</translation>
    </message>
    <message>
        <source>The disk is read-only.</source>
        <translation>磁盘为只读。</translation>
    </message>
    <message>
        <source>Nothing would be left for sure: %1</source>
        <translation>不能确定还会留下什么：%1</translation>
    </message>
    <message>
        <source>in a protected folder</source>
        <translation>在受保护的文件夹中</translation>
    </message>
    <message>
        <source>larger picture</source>
        <translation>像素更多</translation>
    </message>
    <message>
        <source>original of a camera</source>
        <translation>相机原片</translation>
    </message>
    <message>
        <source>better format</source>
        <translation>格式更好</translation>
    </message>
    <message>
        <source>larger file</source>
        <translation>文件更大</translation>
    </message>
    <message>
        <source>in a preferred folder</source>
        <translation>在首选文件夹中</translation>
    </message>
    <message>
        <source>older</source>
        <translation>更早</translation>
    </message>
    <message>
        <source>higher rated</source>
        <translation>评分更高</translation>
    </message>
    <message>
        <source>all else is equal; the plainer name</source>
        <translation>其余都相同，名称更简单</translation>
    </message>
    <message>
        <source>no camera named</source>
        <translation>没有相机信息</translation>
    </message>
    <message>
        <source>no date</source>
        <translation>没有日期</translation>
    </message>
    <message>
        <source>no rating</source>
        <translation>没有评分</translation>
    </message>
    <message>
        <source>edited with %1</source>
        <translation>用 %1 编辑过</translation>
    </message>
    <message>
        <source>file of %1</source>
        <translation>文件日期 %1</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 字节</translation>
    </message>
    <message>
        <source>%1 of 5 stars</source>
        <translation>%1 / 5 星</translation>
    </message>
    <message>
        <source>%1: %2 against %3</source>
        <translation>%1：%2，另一张 %3</translation>
    </message>
    <message>
        <source>It lies in the protected folder %1.</source>
        <translation>它在受保护的文件夹 %1 中。</translation>
    </message>
    <message>
        <source>It belongs to %1, which stays.</source>
        <translation>它属于要保留的 %1。</translation>
    </message>
    <message>
        <source>The drive of %1 is not connected.</source>
        <translation>%1 所在的磁盘没有连接。</translation>
    </message>
    <message>
        <source>%1 is not there, or cannot be read.</source>
        <translation>%1 不存在或无法读取。</translation>
    </message>
    <message>
        <source>%1 is not there any more.</source>
        <translation>%1 已经不在了。</translation>
    </message>
    <message>
        <source>%1 lies in the trash.</source>
        <translation>%1 在回收站中。</translation>
    </message>
    <message>
        <source>It is the same file as %1, not a copy of it.</source>
        <translation>它与 %1 是同一个文件，不是副本。</translation>
    </message>
    <message>
        <source>%1 was changed since duplicates were looked for.</source>
        <translation>%1 在查找重复照片之后有改动。</translation>
    </message>
</context>
<context>
    <name>DuplicateWords</name>
    <message>
        <source>Identical</source>
        <translation>完全相同</translation>
    </message>
    <message>
        <source>Same picture</source>
        <translation>同一画面</translation>
    </message>
    <message>
        <source>Similar shots</source>
        <translation>相似照片</translation>
    </message>
    <message>
        <source>The same to the last pixel</source>
        <translation>每个像素都相同</translation>
    </message>
    <message>
        <source>One picture, saved again, resized or edited</source>
        <translation>同一张照片，重新保存、缩放或编辑过</translation>
    </message>
    <message>
        <source>Other moments of one scene, no copies</source>
        <translation>同一场景的不同瞬间，不是副本</translation>
    </message>
    <message>
        <source>No photo is there twice.</source>
        <translation>没有重复的照片。</translation>
    </message>
    <message>
        <source>No picture is there in several versions.</source>
        <translation>没有一张照片存在多个版本。</translation>
    </message>
    <message>
        <source>There are no series of similar shots.</source>
        <translation>没有相似的连拍照片。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln group(s)</source>
        <translation>
            <numerusform>%Ln 组</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 to win</source>
        <translation>可腾出 %1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>all stay</source>
        <translation>全部保留</translation>
    </message>
    <message>
        <source>rotated to the left</source>
        <translation>向左旋转</translation>
    </message>
    <message>
        <source>upside down</source>
        <translation>上下颠倒</translation>
    </message>
    <message>
        <source>rotated to the right</source>
        <translation>向右旋转</translation>
    </message>
    <message>
        <source>rotated</source>
        <translation>旋转过</translation>
    </message>
    <message>
        <source>the same file, byte for byte</source>
        <translation>文件逐字节相同</translation>
    </message>
    <message>
        <source>same pixels, only metadata differ</source>
        <translation>像素相同，只有元数据不同</translation>
    </message>
    <message>
        <source>saved again</source>
        <translation>重新保存过</translation>
    </message>
    <message>
        <source>cropped</source>
        <translation>裁剪过</translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation>左右翻转</translation>
    </message>
    <message>
        <source>brightness changed</source>
        <translation>亮度有改动</translation>
    </message>
    <message>
        <source>colours changed</source>
        <translation>颜色有改动</translation>
    </message>
    <message>
        <source>something drawn over it</source>
        <translation>画面上添加了内容</translation>
    </message>
    <message>
        <source>border added</source>
        <translation>加了边框</translation>
    </message>
    <message>
        <source>same burst</source>
        <translation>同一次连拍</translation>
    </message>
    <message>
        <source>exposure bracket</source>
        <translation>包围曝光</translation>
    </message>
    <message>
        <source>same scene</source>
        <translation>同一场景</translation>
    </message>
    <message>
        <source>, %1 s apart</source>
        <translation>，相隔 %1 秒</translation>
    </message>
    <message>
        <source>, %1 minutes apart</source>
        <translation>，相隔 %1 分钟</translation>
    </message>
    <message>
        <source>enlarged to %1 %</source>
        <translation>放大到 %1 %</translation>
    </message>
    <message>
        <source>resized to %1 %</source>
        <translation>缩小到 %1 %</translation>
    </message>
    <message>
        <source>%1 % more around it</source>
        <translation>四周多出 %1 %</translation>
    </message>
    <message>
        <source>%1 % cut off</source>
        <translation>裁掉 %1 %</translation>
    </message>
    <message>
        <source>Not one pixel differs</source>
        <translation>没有一个像素不同</translation>
    </message>
    <message>
        <source>Nothing that the eye sees differs</source>
        <translation>肉眼看不出差别</translation>
    </message>
    <message>
        <source>%1 % of the picture differ</source>
        <translation>画面的 %1 % 不同</translation>
    </message>
    <message>
        <source>Nothing is marked</source>
        <translation>没有标记任何照片</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) marked</source>
        <translation>
            <numerusform>已标记 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %Ln group(s)</source>
        <translation>
            <numerusform>共 %Ln 组</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>移到回收站</translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) to trash</source>
        <translation>
            <numerusform>将 %Ln 张照片移到回收站</numerusform>
        </translation>
    </message>
    <message>
        <source>Moving photos to trash</source>
        <translation>正在移到回收站</translation>
    </message>
    <message>
        <source>Bringing photos back</source>
        <translation>正在恢复照片</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are in quarantine</source>
        <translation>
            <numerusform>%Ln 张照片已隔离保存</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are in the trash</source>
        <translation>
            <numerusform>%Ln 张照片已在回收站中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are back in their place</source>
        <translation>
            <numerusform>%Ln 张照片已回到原处</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) left alone</source>
        <translation>
            <numerusform>%Ln 张照片未动</numerusform>
        </translation>
    </message>
    <message>
        <source>Photos are being moved already; one thing at a time.</source>
        <translation>正在移动照片，请等它完成。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are no duplicates</source>
        <translation>
            <numerusform>%Ln 张照片不是重复照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new photo(s) were in the library already</source>
        <translation>
            <numerusform>%Ln 张新照片在图库中已经有了</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s), brought back</source>
        <translation>
            <numerusform>%Ln 张照片，已恢复</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to trash</source>
        <translation>
            <numerusform>%Ln 张照片已移到回收站</numerusform>
        </translation>
    </message>
    <message>
        <source>tags: %1</source>
        <translation>标签：%1</translation>
    </message>
    <message>
        <source>albums: %1</source>
        <translation>相册：%1</translation>
    </message>
    <message>
        <source>rating %1</source>
        <translation>评分 %1</translation>
    </message>
    <message>
        <source>caption “%1”</source>
        <translation>说明“%1”</translation>
    </message>
    <message>
        <source>title “%1”</source>
        <translation>标题“%1”</translation>
    </message>
    <message>
        <source>keywords: %1</source>
        <translation>关键词：%1</translation>
    </message>
    <message>
        <source>place %1</source>
        <translation>地点 %1</translation>
    </message>
    <message>
        <source>Lies in a protected folder</source>
        <translation>在受保护的文件夹中</translation>
    </message>
    <message>
        <source>Has more pixels</source>
        <translation>像素更多</translation>
    </message>
    <message>
        <source>Is the camera&apos;s original</source>
        <translation>是相机原片</translation>
    </message>
    <message>
        <source>Has the better format</source>
        <translation>格式更好</translation>
    </message>
    <message>
        <source>Is the larger file</source>
        <translation>文件更大</translation>
    </message>
    <message>
        <source>Lies in a preferred folder</source>
        <translation>在首选文件夹中</translation>
    </message>
    <message>
        <source>Is older</source>
        <translation>更早</translation>
    </message>
    <message>
        <source>Is rated higher</source>
        <translation>评分更高</translation>
    </message>
    <message>
        <source>nothing in these folders ever goes</source>
        <translation>这些文件夹中的照片从不移走</translation>
    </message>
    <message>
        <source>width times height</source>
        <translation>宽乘以高</translation>
    </message>
    <message>
        <source>it knows its camera, lens and exposure</source>
        <translation>记有相机、镜头和曝光</translation>
    </message>
    <message>
        <source>RAW, then without loss, then HEIC and JPEG</source>
        <translation>先 RAW，再无损格式，再 HEIC 和 JPEG</translation>
    </message>
    <message>
        <source>less was lost when it was saved</source>
        <translation>保存时损失更少</translation>
    </message>
    <message>
        <source>in the order of the folders</source>
        <translation>按文件夹的顺序</translation>
    </message>
    <message>
        <source>by the date it was taken, then of the file</source>
        <translation>按拍摄日期，其次按文件日期</translation>
    </message>
    <message>
        <source>by its stars</source>
        <translation>按星级</translation>
    </message>
</context>
<context>
    <name>DuplicateWork</name>
    <message>
        <source>Looking for duplicates</source>
        <translation>正在查找重复照片</translation>
    </message>
    <message>
        <source>Comparing new photos</source>
        <translation>正在比较新照片</translation>
    </message>
    <message>
        <source>Rules changed</source>
        <translation>规则已更改</translation>
    </message>
</context>
<context>
    <name>DuplicatesPage</name>
    <message>
        <source>See which photos are there more than once.</source>
        <translation>看看哪些照片不止一份。</translation>
    </message>
    <message>
        <source>Find duplicates</source>
        <translation>查找重复照片</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复照片</translation>
    </message>
    <message>
        <source>Which one stays</source>
        <translation>保留哪一张</translation>
    </message>
    <message>
        <source>What was cleared</source>
        <translation>清理记录</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>The rules by which one photo of a group stays</source>
        <translation>决定每组保留哪一张的规则</translation>
    </message>
    <message>
        <source>All clearings so far, to bring photos back</source>
        <translation>至今所有的清理，可以恢复照片</translation>
    </message>
    <message>
        <source>Compare what came since the last search</source>
        <translation>比较上次查找之后新增的照片</translation>
    </message>
    <message>
        <source>Looking for duplicates…</source>
        <translation>正在查找重复照片…</translation>
    </message>
    <message numerus="yes">
        <source>%Ln group(s) of duplicates found</source>
        <translation>
            <numerusform>找到 %Ln 组重复照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>English</source>
        <translation>英语</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>中文</translation>
    </message>
    <message>
        <source>more than 100 languages</source>
        <translation>100 多种语言</translation>
    </message>
    <message>
        <source>Waiting for mains power.</source>
        <translation>等待接通电源。</translation>
    </message>
    <message>
        <source>Reading sidecars</source>
        <translation>正在读取附属文件</translation>
    </message>
    <message>
        <source>Waiting until the computer is idle.</source>
        <translation>等待电脑空闲。</translation>
    </message>
    <message>
        <source>Ships with Photosift; knows only what its sample photos show.</source>
        <translation>Photosift 自带，只认识示例照片中的内容。</translation>
    </message>
    <message>
        <source>The recommended model for English: quick on any computer.</source>
        <translation>推荐的英语模型：在任何电脑上都很快。</translation>
    </message>
    <message>
        <source>The classic of every tutorial, as quick as the recommended one, finds less.</source>
        <translation>教程中常见的经典模型，与推荐的一样快，但找到的较少。</translation>
    </message>
    <message>
        <source>Finds more, about 18 times the work per photo.</source>
        <translation>找到的更多，每张照片的计算量约为 18 倍。</translation>
    </message>
    <message>
        <source>The best of its kind; needs a graphics card or much patience.</source>
        <translation>同类中最好的，需要显卡或很大的耐心。</translation>
    </message>
    <message>
        <source>The recommended model for any language but English; nearly as quick as ViT-B/32.</source>
        <translation>推荐用于英语以外的语言，几乎和 ViT-B/32 一样快。</translation>
    </message>
    <message>
        <source>Finds more in any language, about 4 times the work per photo.</source>
        <translation>各种语言都能找到更多，每张照片的计算量约为 4 倍。</translation>
    </message>
    <message>
        <source>The best for Chinese, weak in English. Its authors&apos; repository says MIT; the model&apos;s own page names no licence.</source>
        <translation>最适合中文，英语较弱。作者的代码库写明 MIT，模型页面没有写明许可证。</translation>
    </message>
    <message>
        <source>Finds things inside of a photo by words; the quick one.</source>
        <translation>用文字查找照片中的物体；较快的一个。</translation>
    </message>
    <message>
        <source>Finds things inside of a photo by words; finds more, at least 6 times the work.</source>
        <translation>用文字查找照片中的物体；找到的更多，计算量至少 6 倍。</translation>
    </message>
    <message>
        <source>files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>words</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>scale</source>
        <translation>标度</translation>
    </message>
    <message>
        <source>image tower</source>
        <translation>图像部分</translation>
    </message>
    <message>
        <source>text tower</source>
        <translation>文本部分</translation>
    </message>
    <message>
        <source>image arithmetic</source>
        <translation>图像计算</translation>
    </message>
    <message>
        <source>text arithmetic</source>
        <translation>文本计算</translation>
    </message>
    <message>
        <source>towers agree</source>
        <translation>图文一致</translation>
    </message>
    <message>
        <source>detection</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>%1.</source>
        <translation>%1。</translation>
    </message>
    <message>
        <source>is empty</source>
        <translation>是空的</translation>
    </message>
    <message>
        <source>is not a picture (it is text)</source>
        <translation>不是图片（是文本）</translation>
    </message>
    <message>
        <source>is not a picture (it is %1)</source>
        <translation>不是图片（是%1）</translation>
    </message>
    <message>
        <source>is not a picture</source>
        <translation>不是图片</translation>
    </message>
    <message>
        <source>is cut short; a part of the picture is missing</source>
        <translation>不完整，画面缺少一部分</translation>
    </message>
    <message>
        <source>is damaged (%1)</source>
        <translation>已损坏（%1）</translation>
    </message>
    <message>
        <source>is broken (%1)</source>
        <translation>已损坏，无法显示（%1）</translation>
    </message>
    <message>
        <source>its data ends too early</source>
        <translation>数据提前结束</translation>
    </message>
    <message>
        <source>its header cannot be read</source>
        <translation>文件头无法读取</translation>
    </message>
    <message>
        <source>its HEIF or AVIF structure cannot be read</source>
        <translation>HEIF 或 AVIF 结构无法读取</translation>
    </message>
    <message>
        <source>has no pixels</source>
        <translation>没有像素</translation>
    </message>
    <message>
        <source>has %1 megapixels; we read up to %2 of its kind</source>
        <translation>有 %1 百万像素；此类文件最多读取 %2 百万像素</translation>
    </message>
    <message>
        <source>needs more memory than one photo is allowed</source>
        <translation>所需内存超过单张照片的上限</translation>
    </message>
    <message>
        <source>took longer than %1 s</source>
        <translation>用时超过 %1 秒</translation>
    </message>
    <message>
        <source>crashed the decoder</source>
        <translation>使解码器崩溃</translation>
    </message>
    <message>
        <source>is HEIC; the package pillow-heif is missing</source>
        <translation>是 HEIC，缺少软件包 pillow-heif</translation>
    </message>
    <message>
        <source>is AVIF; this Pillow cannot read it</source>
        <translation>是 AVIF，当前 Pillow 无法读取</translation>
    </message>
    <message>
        <source>is %1, which we cannot read</source>
        <translation>是%1，无法读取</translation>
    </message>
    <message>
        <source>is a RAW file without a preview that we can read</source>
        <translation>是没有可读预览的 RAW 文件</translation>
    </message>
    <message>
        <source>cannot be opened: there is no such file</source>
        <translation>无法打开：文件不存在</translation>
    </message>
    <message>
        <source>cannot be opened: %1</source>
        <translation>无法打开：%1</translation>
    </message>
    <message>
        <source>is still being written</source>
        <translation>仍在写入</translation>
    </message>
    <message>
        <source>is not a file</source>
        <translation>不是文件</translation>
    </message>
    <message>
        <source>is only in the cloud; open it once to download it</source>
        <translation>只在云端；打开一次即可下载</translation>
    </message>
    <message>
        <source>no preview could be made</source>
        <translation>无法生成预览</translation>
    </message>
    <message>
        <source>could not be prepared for the model</source>
        <translation>无法为模型准备</translation>
    </message>
    <message>
        <source>a PDF document</source>
        <translation> PDF 文档</translation>
    </message>
    <message>
        <source>a ZIP archive</source>
        <translation> ZIP 压缩包</translation>
    </message>
    <message>
        <source>a video</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>a sound</source>
        <translation>音频</translation>
    </message>
    <message>
        <source>a program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>a database</source>
        <translation>数据库</translation>
    </message>
    <message>
        <source>an HTML page</source>
        <translation> HTML 网页</translation>
    </message>
    <message>
        <source>an XML file</source>
        <translation> XML 文件</translation>
    </message>
    <message>
        <source>an SVG drawing</source>
        <translation> SVG 图形</translation>
    </message>
    <message>
        <source>an icon</source>
        <translation>图标</translation>
    </message>
    <message>
        <source>a Photoshop picture</source>
        <translation> Photoshop 图片</translation>
    </message>
    <message>
        <source>a JPEG XL picture</source>
        <translation> JPEG XL 图片</translation>
    </message>
    <message>
        <source>a JPEG 2000 picture</source>
        <translation> JPEG 2000 图片</translation>
    </message>
    <message>
        <source>only zeros, as an interrupted copy leaves them</source>
        <translation>全是零，像是复制中断留下的</translation>
    </message>
    <message>
        <source>there is no space left on the disk</source>
        <translation>磁盘空间已用完</translation>
    </message>
    <message>
        <source>your disk quota is used up</source>
        <translation>磁盘配额已用完</translation>
    </message>
    <message>
        <source>the disk is read-only</source>
        <translation>磁盘为只读</translation>
    </message>
    <message>
        <source>permission was denied</source>
        <translation>没有权限</translation>
    </message>
    <message>
        <source>the disk reported an input/output error</source>
        <translation>磁盘报告输入输出错误</translation>
    </message>
    <message>
        <source>its folder is not there</source>
        <translation>所在文件夹不存在</translation>
    </message>
    <message>
        <source>its name is too long</source>
        <translation>名称太长</translation>
    </message>
    <message>
        <source>There is too little space in %1: %2 MB are needed, %3 MB are free. Nothing was begun.</source>
        <translation>%1 空间不足：需要 %2 MB，剩余 %3 MB。没有开始任何操作。</translation>
    </message>
    <message>
        <source>%1 is there already. Choose another name; nothing was overwritten.</source>
        <translation>%1 已存在。请换一个名称；没有覆盖任何文件。</translation>
    </message>
    <message>
        <source>%1 is there already; nothing was overwritten.</source>
        <translation>%1 已存在，没有覆盖任何文件。</translation>
    </message>
    <message>
        <source>The folder %1 could not be created: %2.</source>
        <translation>无法建立文件夹 %1：%2。</translation>
    </message>
    <message>
        <source>%1 cannot be looked at: %2.</source>
        <translation>无法查看 %1：%2。</translation>
    </message>
    <message>
        <source>%1 could not be written: %2.</source>
        <translation>无法写入 %1：%2。</translation>
    </message>
    <message>
        <source>%1 could not be deleted: %2.</source>
        <translation>无法删除 %1：%2。</translation>
    </message>
    <message>
        <source>The catalog %1 cannot be used: %2. Nothing was lost.</source>
        <translation>目录文件 %1 无法使用：%2。没有丢失任何内容。</translation>
    </message>
    <message>
        <source>%1 cannot be read: no permission.</source>
        <translation>无法读取 %1：没有权限。</translation>
    </message>
    <message>
        <source>%1 belongs to the library&apos;s own data and holds no photos.</source>
        <translation>%1 属于图库自身的数据，不含照片。</translation>
    </message>
    <message>
        <source>It lies in this folder already.</source>
        <translation>已在此文件夹中。</translation>
    </message>
    <message>
        <source>It lies in a trash already.</source>
        <translation>已在回收站中。</translation>
    </message>
    <message>
        <source>It is a folder; choose the photos in it.</source>
        <translation>这是文件夹；请选择其中的照片。</translation>
    </message>
    <message>
        <source>It is no photo.</source>
        <translation>不是照片。</translation>
    </message>
    <message>
        <source>It is offline.</source>
        <translation>处于离线状态。</translation>
    </message>
    <message>
        <source>It is missing.</source>
        <translation>文件已不在。</translation>
    </message>
    <message>
        <source>It is unreadable.</source>
        <translation>无法读取。</translation>
    </message>
    <message>
        <source>It is refused.</source>
        <translation>不能放到那里。</translation>
    </message>
    <message>
        <source>A file&apos;s name cannot hold the sign “%1”.</source>
        <translation>文件名不能含有字符“%1”。</translation>
    </message>
    <message>
        <source>A file&apos;s name cannot be empty or begin with a dot.</source>
        <translation>文件名不能为空，也不能以点开头。</translation>
    </message>
    <message>
        <source>The ending %1 tells what the file is; it has to stay.</source>
        <translation>扩展名 %1 表明文件类型，必须保留。</translation>
    </message>
    <message>
        <source>This name is too long.</source>
        <translation>名称太长。</translation>
    </message>
    <message>
        <source>Two of the files that belong to it would have the same name.</source>
        <translation>它的两个附带文件会同名。</translation>
    </message>
    <message>
        <source>A pattern for names cannot be empty.</source>
        <translation>名称格式不能为空。</translation>
    </message>
    <message>
        <source>A brace is not closed; write {{ or }} for a brace.</source>
        <translation>花括号没有闭合；花括号本身请写作 {{ 或 }}。</translation>
    </message>
    <message>
        <source>%1 takes no form.</source>
        <translation>%1 不带格式。</translation>
    </message>
    <message>
        <source>%1 means nothing; there are %2.</source>
        <translation>%1 没有含义；可用的有 %2。</translation>
    </message>
    <message>
        <source>A number is written {n}, or {n:03} for three digits.</source>
        <translation>编号写作 {n}；三位数写作 {n:03}。</translation>
    </message>
    <message>
        <source>A date is written with %1.</source>
        <translation>日期用 %1 书写。</translation>
    </message>
    <message>
        <source>is not there any more</source>
        <translation>已经不在了</translation>
    </message>
    <message>
        <source>is not there</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>was changed since it was looked at</source>
        <translation>查看之后有改动</translation>
    </message>
    <message>
        <source>was changed since</source>
        <translation>此后有改动</translation>
    </message>
    <message>
        <source>is being changed</source>
        <translation>正在被修改</translation>
    </message>
    <message>
        <source>its name is taken</source>
        <translation>名称已被占用</translation>
    </message>
    <message>
        <source>the folder could not be made: %1</source>
        <translation>无法建立文件夹：%1</translation>
    </message>
    <message>
        <source>the folder could not be made</source>
        <translation>无法建立文件夹</translation>
    </message>
    <message>
        <source>the folder is a link to elsewhere</source>
        <translation>文件夹是指向别处的链接</translation>
    </message>
    <message>
        <source>is already there as %1</source>
        <translation>那里已有相同文件 %1</translation>
    </message>
    <message>
        <source>there is another file called %1</source>
        <translation>已有另一个名为 %1 的文件</translation>
    </message>
    <message>
        <source>its old folder is not there; is its drive connected?</source>
        <translation>原文件夹不在；磁盘连接了吗？</translation>
    </message>
    <message>
        <source>the folder it came from is not there</source>
        <translation>原来的文件夹不存在</translation>
    </message>
    <message>
        <source>it is not in the trash any more</source>
        <translation>已不在回收站中</translation>
    </message>
    <message>
        <source>there are too many files of its name in the trash</source>
        <translation>回收站中同名文件太多</translation>
    </message>
    <message>
        <source>could not be finished or put back</source>
        <translation>无法完成，也无法恢复</translation>
    </message>
    <message>
        <source>is not a plain file</source>
        <translation>不是普通文件</translation>
    </message>
    <message>
        <source>It was stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>It is neither at its place nor in the trash.</source>
        <translation>既不在原处，也不在回收站中。</translation>
    </message>
    <message>
        <source>Its disk has no trash, and there is too little space in %1.</source>
        <translation>它所在的磁盘没有回收站，而 %1 的空间不足。</translation>
    </message>
    <message>
        <source>%1 was interrupted. What it did is kept; it can be resumed or undone.</source>
        <translation>%1已中断。已完成的部分会保留，可以继续或撤销。</translation>
    </message>
    <message>
        <source>%1 was interrupted. What it did is kept, and can be undone.</source>
        <translation>%1已中断。已完成的部分会保留，可以撤销。</translation>
    </message>
    <message>
        <source>Moving photos</source>
        <translation>移动照片</translation>
    </message>
    <message>
        <source>Copying photos</source>
        <translation>复制照片</translation>
    </message>
    <message>
        <source>Renaming photos</source>
        <translation>重命名照片</translation>
    </message>
    <message>
        <source>The last sort</source>
        <translation>上次整理</translation>
    </message>
    <message>
        <source>Putting photos into the trash was interrupted. What went can be brought back.</source>
        <translation>将照片移到回收站时中断。已移走的可以恢复。</translation>
    </message>
    <message>
        <source>%1 was being put into the trash; it waits for its drive.</source>
        <translation>%1 正在移到回收站，等待磁盘连接。</translation>
    </message>
    <message>
        <source>A link cannot lead to another disk.</source>
        <translation>链接不能指向另一个磁盘。</translation>
    </message>
    <message>
        <source>It lies there already.</source>
        <translation>已在那里。</translation>
    </message>
    <message>
        <source>%1 is a link or a file.</source>
        <translation>%1 是链接或文件。</translation>
    </message>
    <message>
        <source>%1 with the same content is there already.</source>
        <translation>那里已有内容相同的 %1。</translation>
    </message>
    <message>
        <source>Another file is called %1 there.</source>
        <translation>那里已有名为 %1 的文件。</translation>
    </message>
    <message>
        <source>Another photo of this sort is called %1.</source>
        <translation>这次整理中另有照片名为 %1。</translation>
    </message>
    <message>
        <source>It is not in the library any more.</source>
        <translation>它已不在图库中。</translation>
    </message>
    <message>
        <source>Its sidecar %1.</source>
        <translation>附属文件%1。</translation>
    </message>
    <message>
        <source>was changed by another program</source>
        <translation>已被其他程序修改</translation>
    </message>
    <message>
        <source>has just been made by another program</source>
        <translation>刚刚由其他程序建立</translation>
    </message>
    <message>
        <source>has just been moved or taken away</source>
        <translation>刚刚被移动或删除</translation>
    </message>
    <message>
        <source>has lost its photo</source>
        <translation>对应的照片不在了</translation>
    </message>
    <message>
        <source>is a link to another file; it was left as it is</source>
        <translation>是指向另一文件的链接，保持原样</translation>
    </message>
    <message>
        <source>could not be written: %1</source>
        <translation>无法写入：%1</translation>
    </message>
    <message>
        <source>cannot be written: its folder cannot be read: %1</source>
        <translation>无法写入，因为文件夹无法读取：%1</translation>
    </message>
    <message>
        <source>%1; move it away or repair it</source>
        <translation>%1；请移走或修复</translation>
    </message>
    <message>
        <source>is larger than %1 MB</source>
        <translation>大于 %1 MB</translation>
    </message>
    <message>
        <source>is longer than %1 MB</source>
        <translation>超过 %1 MB</translation>
    </message>
    <message>
        <source>is no well-formed XML</source>
        <translation>不是格式正确的 XML</translation>
    </message>
    <message>
        <source>has no XMP in it</source>
        <translation>不含 XMP</translation>
    </message>
    <message>
        <source>is nested too deeply</source>
        <translation>嵌套太深</translation>
    </message>
    <message>
        <source>is too long</source>
        <translation>太长</translation>
    </message>
    <message>
        <source>declares a document type, which is not read</source>
        <translation>声明了文档类型，不予读取</translation>
    </message>
    <message>
        <source>declares a document type</source>
        <translation>声明了文档类型</translation>
    </message>
    <message>
        <source>has attributes that cannot be told apart</source>
        <translation>含有无法区分的属性</translation>
    </message>
    <message>
        <source>is not the %1 text that it says it is</source>
        <translation>并非其声明的 %1 文本</translation>
    </message>
    <message>
        <source>This album is not there any more.</source>
        <translation>这个相册已不存在。</translation>
    </message>
    <message>
        <source>There is no album “%1”.</source>
        <translation>没有相册“%1”。</translation>
    </message>
    <message>
        <source>Photos are put into this album by hand; it has no query.</source>
        <translation>这个相册由手动加入照片，没有搜索条件。</translation>
    </message>
    <message>
        <source>An empty query finds everything; type something to look for first.</source>
        <translation>空的搜索会找到全部照片；请先输入要找的内容。</translation>
    </message>
    <message>
        <source>A tag cannot lie below itself.</source>
        <translation>标签不能放在自己之下。</translation>
    </message>
    <message>
        <source>A tag cannot be merged with one below it.</source>
        <translation>标签不能与其下级标签合并。</translation>
    </message>
    <message>
        <source>This category is not there any more.</source>
        <translation>这个分类已不存在。</translation>
    </message>
    <message>
        <source>%1 is in use; choose another model first.</source>
        <translation>%1 正在使用；请先选择另一个模型。</translation>
    </message>
    <message>
        <source>%1 is not a folder.</source>
        <translation>%1 不是文件夹。</translation>
    </message>
    <message>
        <source>A name needs at least one letter.</source>
        <translation>名称至少要有一个字符。</translation>
    </message>
    <message>
        <source>A name can have %1 letters at most.</source>
        <translation>名称最多 %1 个字符。</translation>
    </message>
    <message>
        <source>A label needs at least one letter.</source>
        <translation>标注至少要有一个字符。</translation>
    </message>
    <message>
        <source>A label can have %1 letters at most.</source>
        <translation>标注最多 %1 个字符。</translation>
    </message>
    <message>
        <source>There is one called “%1” already.</source>
        <translation>已有名为“%1”的。</translation>
    </message>
    <message>
        <source>It is not there any more.</source>
        <translation>它已不存在。</translation>
    </message>
    <message>
        <source>You have %1 photos with the tag “%2”.</source>
        <translation>有 %1 张照片带标签“%2”。</translation>
    </message>
    <message>
        <source>The folder “%1” has %2 photos.</source>
        <translation>文件夹“%1”有 %2 张照片。</translation>
    </message>
    <message>
        <source>About %1 photos seem to show it.</source>
        <translation>大约有 %1 张照片与此相符。</translation>
    </message>
    <message>
        <source>The set of this category is not there any more.</source>
        <translation>这个分类所属的分类组已不存在。</translation>
    </message>
    <message>
        <source>The box lies outside of the photo.</source>
        <translation>框在照片之外。</translation>
    </message>
    <message>
        <source>Say at least one thing to look for.</source>
        <translation>请至少写明一种要查找的物体。</translation>
    </message>
    <message>
        <source>This photo is no longer in the library.</source>
        <translation>这张照片已不在图库中。</translation>
    </message>
    <message>
        <source>This box is no longer there.</source>
        <translation>这个框已不存在。</translation>
    </message>
    <message>
        <source>Run %1 was taken back; restore it first.</source>
        <translation>第 %1 次运行已撤回，请先恢复。</translation>
    </message>
    <message>
        <source>There are too many data sets in %1; choose another folder.</source>
        <translation>%1 中的数据集太多，请选择其他文件夹。</translation>
    </message>
    <message>
        <source>The catalog %1; the backup of %2 was restored and the photos will be indexed again where needed.</source>
        <translation>目录%1；已恢复 %2 的备份，必要时会重新索引照片。</translation>
    </message>
    <message>
        <source>The catalog %1 and there was no backup; a new one was started and the photos will be indexed again.</source>
        <translation>目录%1，且没有备份；已新建目录，照片将重新索引。</translation>
    </message>
    <message>
        <source>was missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>was empty</source>
        <translation>为空</translation>
    </message>
    <message>
        <source>was damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>Another Photosift has the library %1 open; close it first.</source>
        <translation>另一个 Photosift 正在使用图库 %1，请先关闭它。</translation>
    </message>
    <message>
        <source>photos with a tag, or one below it</source>
        <translation>有此标签或其下级标签的照片</translation>
    </message>
    <message>
        <source>a folder&apos;s name or path</source>
        <translation>文件夹的名称或路径</translation>
    </message>
    <message>
        <source>when it was taken</source>
        <translation>拍摄时间</translation>
    </message>
    <message>
        <source>stars, 0 for none</source>
        <translation>星级，0 表示没有</translation>
    </message>
    <message>
        <source>a mark, or how it stands</source>
        <translation>标记或状态</translation>
    </message>
    <message>
        <source>what is known of it</source>
        <translation>已知的信息</translation>
    </message>
    <message>
        <source>photos of an album</source>
        <translation>相册中的照片</translation>
    </message>
    <message>
        <source>photos of a category</source>
        <translation>分类中的照片</translation>
    </message>
    <message>
        <source>the kind of file</source>
        <translation>文件类型</translation>
    </message>
    <message>
        <source>taken near a place, in degrees</source>
        <translation>在某地附近拍摄（经纬度）</translation>
    </message>
    <message>
        <source>a part of make and model</source>
        <translation>品牌和型号的一部分</translation>
    </message>
    <message>
        <source>a part of the name; * and ? stand for letters</source>
        <translation>名称的一部分；* 和 ? 代表任意字符</translation>
    </message>
    <message>
        <source>upright or lying</source>
        <translation>竖向或横向</translation>
    </message>
    <message>
        <source>pixels from left to right</source>
        <translation>宽度，像素</translation>
    </message>
    <message>
        <source>pixels from top to bottom</source>
        <translation>高度，像素</translation>
    </message>
    <message>
        <source>a thing that was seen in it</source>
        <translation>画面中检测到的物体</translation>
    </message>
    <message>
        <source>how many of a thing</source>
        <translation>物体的数量</translation>
    </message>
    <message>
        <source>how large a thing is in it</source>
        <translation>物体所占大小</translation>
    </message>
    <message>
        <source>No clear matches. These are the nearest there are.</source>
        <translation>没有明显匹配的照片，以下是最接近的。</translation>
    </message>
    <message>
        <source>The model in use understands English only. Choose a multilingual one, such as SigLIP 2, under Models.</source>
        <translation>当前模型只懂英语。请在“模型”中选择多语言模型，例如 SigLIP 2。</translation>
    </message>
    <message>
        <source>The model in use understands Chinese best. Choose a multilingual one, such as SigLIP 2, under Models.</source>
        <translation>当前模型最懂中文。请在“模型”中选择多语言模型，例如 SigLIP 2。</translation>
    </message>
    <message>
        <source>%1 does not know the word “%2”.</source>
        <translation>%1 不认识“%2”。</translation>
    </message>
    <message>
        <source>%1 does not know the words %2 and %3.</source>
        <translation>%1 不认识 %2 和 %3。</translation>
    </message>
    <message>
        <source>Leave a space before “%1”.</source>
        <translation>请在“%1”前留一个空格。</translation>
    </message>
    <message>
        <source>Leave no space before “%1”.</source>
        <translation>“%1”前不要留空格。</translation>
    </message>
    <message>
        <source>“%1:” cannot be compared with “%2”.</source>
        <translation>“%1:”不能用“%2”比较。</translation>
    </message>
    <message>
        <source>“%1:” needs a value, such as %2.</source>
        <translation>“%1:”需要一个值，例如 %2。</translation>
    </message>
    <message>
        <source>“%1:” needs a value: %2.</source>
        <translation>“%1:”需要一个值：%2。</translation>
    </message>
    <message>
        <source>“%1:” needs a value.</source>
        <translation>“%1:”需要一个值。</translation>
    </message>
    <message>
        <source>“%1:” needs its value without a space before it.</source>
        <translation>“%1:”与它的值之间不要留空格。</translation>
    </message>
    <message>
        <source>“%1:” knows no “%2”. It can be: %3.</source>
        <translation>“%1:”没有“%2”。可用：%3。</translation>
    </message>
    <message>
        <source>“%1:” knows no “%2”. Did you mean “%3”?</source>
        <translation>“%1:”没有“%2”。是否想输入“%3”？</translation>
    </message>
    <message>
        <source>The range ends before it begins. Did you mean “%1”?</source>
        <translation>范围的终点在起点之前。是否想输入“%1”？</translation>
    </message>
    <message>
        <source>“%1:” needs a number of pixels, such as 3000.</source>
        <translation>“%1:”需要像素数，例如 3000。</translation>
    </message>
    <message>
        <source>“rating:” needs a number from 0 to 5, such as rating:&gt;=3.</source>
        <translation>“rating:”需要 0 到 5 的数字，例如 rating:&gt;=3。</translation>
    </message>
    <message>
        <source>“%1:” needs a label and an amount, such as %2.</source>
        <translation>“%1:”需要标注和数量，例如 %2。</translation>
    </message>
    <message>
        <source>“%1:” needs a number, such as %2.</source>
        <translation>“%1:”需要一个数字，例如 %2。</translation>
    </message>
    <message>
        <source>“%1:” needs a part of the picture, such as %2.</source>
        <translation>“%1:”需要画面的一部分，例如 %2。</translation>
    </message>
    <message>
        <source>“%1:” takes a comparison or a range, not both.</source>
        <translation>“%1:”只能用比较或范围之一。</translation>
    </message>
    <message>
        <source>“%1:” needs at least one end of the range.</source>
        <translation>“%1:”的范围至少要有一端。</translation>
    </message>
    <message>
        <source>“count:” needs a whole number, such as count:dog&gt;=2.</source>
        <translation>“count:”需要整数，例如 count:dog&gt;=2。</translation>
    </message>
    <message>
        <source>“like:” needs a picture: the number of a photo, or the path of a file.</source>
        <translation>“like:”需要一张图片：照片编号或文件路径。</translation>
    </message>
    <message>
        <source>Behind the picture there can be a box, such as @10,20,300,400.</source>
        <translation>图片之后可以加一个框，例如 @10,20,300,400。</translation>
    </message>
    <message>
        <source>The box %1 lies outside the picture of %2 × %3 pixels.</source>
        <translation>框 %1 在 %2 × %3 像素的画面之外。</translation>
    </message>
    <message>
        <source>No file is called so.</source>
        <translation>没有这个名称的文件。</translation>
    </message>
    <message>
        <source>This parenthesis is not closed.</source>
        <translation>括号没有闭合。</translation>
    </message>
    <message>
        <source>There is no “(” for this “)”.</source>
        <translation>这个“)”没有对应的“(”。</translation>
    </message>
    <message>
        <source>A minus stands before each picture: -like:12.</source>
        <translation>每张图片前都要加减号：-like:12。</translation>
    </message>
    <message>
        <source>Put the words behind a minus into quotation marks: -&quot;a person&quot;.</source>
        <translation>减号后的词请加引号：-&quot;a person&quot;。</translation>
    </message>
    <message>
        <source>“or” stands between two filters, and words are none. Write &quot;%1&quot; if it is one of the words.</source>
        <translation>“or”只能放在两个筛选条件之间，普通词不是筛选条件。若它是要搜索的词，请写作 &quot;%1&quot;。</translation>
    </message>
    <message>
        <source>A query takes at most %1 filters.</source>
        <translation>一次搜索最多 %1 个筛选条件。</translation>
    </message>
    <message>
        <source>A query takes at most %1 phrases and pictures.</source>
        <translation>一次搜索最多 %1 个短语和图片。</translation>
    </message>
    <message>
        <source>Parentheses go at most %1 deep.</source>
        <translation>括号最多嵌套 %1 层。</translation>
    </message>
    <message>
        <source>Words and pictures rank photos, they choose none: move them out of the parentheses that “or” or “not” belongs to.</source>
        <translation>词和图片只用于排序，不能筛选：请移到“or”或“not”所在的括号之外。</translation>
    </message>
    <message>
        <source>“%1:” takes no weight: filters choose photos, words rank them.</source>
        <translation>“%1:”不能加权重：筛选条件用于选择，词用于排序。</translation>
    </message>
    <message>
        <source>There is nothing between these quotation marks.</source>
        <translation>引号中没有内容。</translation>
    </message>
    <message>
        <source>A quotation mark is not closed.</source>
        <translation>引号没有闭合。</translation>
    </message>
    <message>
        <source>A weight lies above 0 and at most at %1; less of something is -2:snow. Write &quot;25:00&quot; if it is one of the words.</source>
        <translation>权重要大于 0，最大为 %1；减少某物请写 -2:snow。若它是要搜索的词，请写作 &quot;25:00&quot;。</translation>
    </message>
    <message>
        <source>The order is chosen in the menu: View, Order.</source>
        <translation>排序请在菜单“查看”、“排序”中选择。</translation>
    </message>
    <message>
        <source>There is no filter “%1:”. Did you mean “%2”?</source>
        <translation>没有筛选条件“%1:”。是否想输入“%2”？</translation>
    </message>
    <message>
        <source>There is no filter “%1:”. There are: %2.</source>
        <translation>没有筛选条件“%1:”。可用：%2。</translation>
    </message>
    <message>
        <source>“near:” needs a place in degrees, such as near:48.86,2.35,10km.</source>
        <translation>“near:”需要经纬度，例如 near:48.86,2.35,10km。</translation>
    </message>
    <message>
        <source>A latitude goes from -90 to 90, a longitude from -180 to 180.</source>
        <translation>纬度为 -90 到 90，经度为 -180 到 180。</translation>
    </message>
    <message>
        <source>The distance goes from 1m to 20000km.</source>
        <translation>距离为 1m 到 20000km。</translation>
    </message>
    <message>
        <source>“date:” needs a date such as 2024, 2024-05 or 2024-05-01.</source>
        <translation>“date:”需要日期，例如 2024、2024-05 或 2024-05-01。</translation>
    </message>
    <message>
        <source>“%1” is no date of the calendar.</source>
        <translation>“%1”不是有效日期。</translation>
    </message>
    <message>
        <source>Say what to look for, such as detected:dog.</source>
        <translation>请写明要找什么，例如 detected:dog。</translation>
    </message>
    <message>
        <source>Nobody has looked for “%1” in photos yet. Did you mean “%2”?</source>
        <translation>还没有在照片中查找过“%1”。是否想输入“%2”？</translation>
    </message>
    <message>
        <source>Nobody has looked for “%1” in photos yet. Detect it in some photos first.</source>
        <translation>还没有在照片中查找过“%1”。请先在照片中检测它。</translation>
    </message>
    <message>
        <source>“%1” is a smart album: use what it looks for instead.</source>
        <translation>“%1”是智能相册：请直接使用它的搜索条件。</translation>
    </message>
    <message>
        <source>There is no album “%1”. Did you mean “%2”?</source>
        <translation>没有相册“%1”。是否想输入“%2”？</translation>
    </message>
    <message>
        <source>There is no tag “%1”. Did you mean “%2”?</source>
        <translation>没有标签“%1”。是否想输入“%2”？</translation>
    </message>
    <message>
        <source>There is no tag “%1”.</source>
        <translation>没有标签“%1”。</translation>
    </message>
    <message>
        <source>There is no category “%1”. Did you mean “%2”?</source>
        <translation>没有分类“%1”。是否想输入“%2”？</translation>
    </message>
    <message>
        <source>There is no category “%1”.</source>
        <translation>没有分类“%1”。</translation>
    </message>
    <message>
        <source>Try again later, set HF_ENDPOINT to a mirror, or choose a folder that already holds the model.</source>
        <translation>请稍后再试，把 HF_ENDPOINT 设为镜像，或选择已有此模型的文件夹。</translation>
    </message>
    <message>
        <source>%1 cannot be reached (%2). %3</source>
        <translation>无法连接 %1（%2）。%3</translation>
    </message>
    <message>
        <source>its name is not known: no connection to the internet?</source>
        <translation>找不到此名称：是否没有联网？</translation>
    </message>
    <message>
        <source>it does not answer</source>
        <translation>没有应答</translation>
    </message>
    <message>
        <source>it does not speak https, or something between speaks another</source>
        <translation>它不支持 https，或中间有别的设备</translation>
    </message>
    <message>
        <source>The connection to %1 broke off. %2</source>
        <translation>与 %1 的连接中断。%2</translation>
    </message>
    <message>
        <source>%1 has no time for us for %2. Try again then; what came so far is kept.</source>
        <translation>%1 在 %2内不接受请求。届时再试；已下载的部分会保留。</translation>
    </message>
    <message>
        <source>%1 answered with %2. %3</source>
        <translation>%1 返回了 %2。%3</translation>
    </message>
    <message>
        <source>too many requests</source>
        <translation>请求过多</translation>
    </message>
    <message>
        <source>error %1</source>
        <translation>错误 %1</translation>
    </message>
    <message>
        <source>%1 gives %2 only to people who accepted its terms there: do so in a browser and log in with `hf auth login`, or choose a folder that holds the model.</source>
        <translation>%1 只向接受条款的人提供 %2：请在浏览器中接受并用 `hf auth login` 登录，或选择已有此模型的文件夹。</translation>
    </message>
    <message>
        <source>%1 has no model %2. %3</source>
        <translation>%1 没有模型 %2。%3</translation>
    </message>
    <message>
        <source>The certificate of %1 is not one that this computer trusts: a proxy or a virus scanner may read along. Set SSL_CERT_FILE to its certificate, or use another network.</source>
        <translation>本机不信任 %1 的证书：代理或杀毒软件可能在旁读取。请把 SSL_CERT_FILE 设为其证书，或换用其他网络。</translation>
    </message>
    <message>
        <source>%1 answers with a web page where the model should be: open a browser and log in to this network, or correct HF_ENDPOINT, then try again.</source>
        <translation>%1 返回的是网页而不是模型：请打开浏览器登录此网络，或更正 HF_ENDPOINT，然后再试。</translation>
    </message>
    <message>
        <source>HF_HUB_OFFLINE forbids downloads; unset it, or choose a folder that holds the model.</source>
        <translation>HF_HUB_OFFLINE 禁止下载；请取消设置，或选择已有此模型的文件夹。</translation>
    </message>
    <message>
        <source>The proxy wants a user name and a password. Put them into HTTPS_PROXY, as in http://name:password@host:port, then try again.</source>
        <translation>代理需要用户名和密码。请写入 HTTPS_PROXY，例如 http://name:password@host:port，然后再试。</translation>
    </message>
    <message>
        <source>%1 needs %2 more on the disk of %3, which has %4. Make room and try again.</source>
        <translation>%1 在 %3 所在的磁盘上还需要 %2，剩余 %4。请腾出空间后再试。</translation>
    </message>
    <message>
        <source>The model could not be saved in %1: %2. Make room or check the folder&apos;s permissions, then try again; what came so far is kept.</source>
        <translation>无法把模型保存到 %1：%2。请腾出空间或检查文件夹权限后再试；已下载的部分会保留。</translation>
    </message>
    <message>
        <source>%1 could not be deleted: %2. Close what uses it or check its permissions, then try again.</source>
        <translation>无法删除 %1：%2。请关闭使用它的程序或检查权限后再试。</translation>
    </message>
    <message>
        <source>%1 is being downloaded already; wait for the other window or process, or cancel it there.</source>
        <translation>%1 已在下载；请等待另一窗口或进程，或在那里取消。</translation>
    </message>
    <message>
        <source>The model %1 is not on this computer; download it, or choose a folder that holds it.</source>
        <translation>模型 %1 不在这台电脑上；请下载，或选择已有它的文件夹。</translation>
    </message>
    <message>
        <source>The model&apos;s files are not on this computer.</source>
        <translation>模型的文件不在这台电脑上。</translation>
    </message>
    <message>
        <source>%1 finds things inside of a photo and cannot search; choose a search model.</source>
        <translation>%1 用于查找照片中的物体，不能搜索；请选择搜索模型。</translation>
    </message>
    <message>
        <source>%1 searches photos and cannot find things inside of one; choose a detector.</source>
        <translation>%1 用于搜索照片，不能查找其中的物体；请选择检测模型。</translation>
    </message>
    <message>
        <source>%1 failed its test: %2</source>
        <translation>%1 未通过自检：%2</translation>
    </message>
    <message>
        <source>%1 ships with Photosift; reinstall Photosift to repair it.</source>
        <translation>%1 随 Photosift 提供；请重新安装 Photosift 来修复。</translation>
    </message>
    <message>
        <source>This model cannot be computed on this computer: %1</source>
        <translation>这台电脑无法运行此模型：%1</translation>
    </message>
    <message>
        <source>OpenVINO does not work here, so this computer takes longer than it could.</source>
        <translation>OpenVINO 在此无法使用，因此会慢一些。</translation>
    </message>
    <message>
        <source>%1 arrived damaged twice: it is not what the hub describes. %2</source>
        <translation>%1 两次下载都已损坏：与模型库的描述不符。%2</translation>
    </message>
    <message>
        <source>%1 was not downloaded, so it is not deleted.</source>
        <translation>%1 不是下载的，因此不会删除。</translation>
    </message>
    <message>
        <source>%1 has no vectors in this library.</source>
        <translation>%1 在此图库中没有向量。</translation>
    </message>
</context>
<context>
    <name>Engines</name>
    <message>
        <source>Engine</source>
        <translation>计算引擎</translation>
    </message>
    <message>
        <source>About the engine</source>
        <translation>关于计算引擎</translation>
    </message>
    <message>
        <source>Other engines</source>
        <translation>其他计算引擎</translation>
    </message>
    <message>
        <source>Other engines that were tried</source>
        <translation>试过的其他计算引擎</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>在这台电脑上</translation>
    </message>
    <message>
        <source>Its speed is measured when it looks at your photos.</source>
        <translation>查看您的照片时会测量它的速度。</translation>
    </message>
    <message numerus="yes">
        <source>%n other(s) tried</source>
        <translation>
            <numerusform>还试过 %n 种</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExportMenu</name>
    <message>
        <source>Pictures with the boxes drawn in…</source>
        <translation>画有框的图片…</translation>
    </message>
    <message>
        <source>COCO JSON…</source>
        <translation>COCO JSON…</translation>
    </message>
    <message>
        <source>YOLO text files…</source>
        <translation>YOLO 文本文件…</translation>
    </message>
    <message>
        <source>YOLO with copies of the photos…</source>
        <translation>YOLO，附照片副本…</translation>
    </message>
    <message>
        <source>Regions in sidecars beside the photos…</source>
        <translation>照片旁附属文件中的区域…</translation>
    </message>
    <message>
        <source>Export the boxes into a folder</source>
        <translation>把框导出到文件夹</translation>
    </message>
    <message>
        <source>Write regions</source>
        <translation>写入区域</translation>
    </message>
    <message numerus="yes">
        <source>Write the boxes of %Ln photo(s) into sidecar files beside them?</source>
        <translation>
            <numerusform>把 %Ln 张照片的框写入照片旁的附属文件？</numerusform>
        </translation>
    </message>
    <message>
        <source>The photos themselves are not touched. What an .xmp file holds already stays in it; other programs then show the boxes as regions.</source>
        <translation>照片本身不会改动。.xmp 文件中已有的内容会保留；其他程序随后会把这些框显示为区域。</translation>
    </message>
    <message>
        <source>Write sidecars</source>
        <translation>写入附属文件</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
</context>
<context>
    <name>Facts</name>
    <message>
        <source>%1 megapixels</source>
        <translation>%1 百万像素</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>a day and a time</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1° N</source>
        <translation>%1°N</translation>
    </message>
    <message>
        <source>%1° S</source>
        <translation>%1°S</translation>
    </message>
    <message>
        <source>%1° E</source>
        <translation>%1°E</translation>
    </message>
    <message>
        <source>%1° W</source>
        <translation>%1°W</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>latitude and longitude</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>The file %1</source>
        <translation>文件：%1</translation>
    </message>
</context>
<context>
    <name>FileActions</name>
    <message>
        <source>&amp;Show in folder</source>
        <translation>在文件夹中显示(&amp;S)</translation>
    </message>
    <message>
        <source>Choose a &amp;folder…</source>
        <translation>选择文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Properties</source>
        <translation>属性(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Move to</source>
        <translation>移动到(&amp;M)</translation>
    </message>
    <message>
        <source>Cop&amp;y to</source>
        <translation>复制到(&amp;Y)</translation>
    </message>
</context>
<context>
    <name>FilingDesk</name>
    <message numerus="yes">
        <source>Copy %Ln photo(s) to</source>
        <translation>
            <numerusform>将 %Ln 张照片复制到</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) to</source>
        <translation>
            <numerusform>将 %Ln 张照片移动到</numerusform>
        </translation>
    </message>
    <message>
        <source>Move out of the library</source>
        <translation>移出图库</translation>
    </message>
    <message>
        <source>“%1” is none of the library&apos;s folders.</source>
        <translation>“%1”不是图库中的文件夹。</translation>
    </message>
    <message>
        <source>Photos that are moved to %1 are no longer shown. What you said of them is kept, and is back with Undo, or when the folder is added to the library.</source>
        <translation>移到 %1 的照片将不再显示。你为它们添加的信息会保留，撤销或把该文件夹加入图库后即可恢复。</translation>
    </message>
    <message>
        <source>Add the folder and move</source>
        <translation>添加文件夹并移动</translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s)</source>
        <translation>
            <numerusform>移动 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilingWords</name>
    <message numerus="yes">
        <source>Move %Ln photo(s) to the trash</source>
        <translation>
            <numerusform>将 %Ln 张照片移到回收站</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rename %Ln photo(s)…</source>
        <translation>
            <numerusform>重命名 %Ln 张照片…</numerusform>
        </translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Moving photos</source>
        <translation>正在移动照片</translation>
    </message>
    <message>
        <source>Copying photos</source>
        <translation>正在复制照片</translation>
    </message>
    <message>
        <source>Renaming photos</source>
        <translation>正在重命名照片</translation>
    </message>
    <message>
        <source>Moving photos to the trash</source>
        <translation>正在将照片移到回收站</translation>
    </message>
    <message>
        <source>Putting photos back</source>
        <translation>正在放回照片</translation>
    </message>
    <message>
        <source>Taking it back</source>
        <translation>正在撤回</translation>
    </message>
    <message numerus="yes">
        <source>, with %Ln file(s) that belong to them</source>
        <translation>
            <numerusform>，连同 %Ln 个附带文件</numerusform>
        </translation>
    </message>
    <message>
        <source>. </source>
        <translation>。</translation>
    </message>
    <message>
        <source>Where a disk has no trash, they are kept in the library&apos;s folder</source>
        <translation>磁盘没有回收站时，照片保存在图库文件夹中</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) stayed as they were</source>
        <translation>
            <numerusform>%Ln 张照片保持原样</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) put back</source>
        <translation>
            <numerusform>已放回 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to “%1”</source>
        <translation>
            <numerusform>%Ln 张照片已移到“%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) copied to “%1”</source>
        <translation>
            <numerusform>%Ln 张照片已复制到“%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) renamed</source>
        <translation>
            <numerusform>已重命名 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to the trash</source>
        <translation>
            <numerusform>%Ln 张照片已移到回收站</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilingWork</name>
    <message numerus="yes">
        <source>%Ln photo(s) stayed as they were</source>
        <translation>
            <numerusform>%Ln 张照片保持原样</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FindField</name>
    <message>
        <source>Find in the sidebar</source>
        <translation>在侧栏中查找</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>Find your photos by what they show</source>
        <translation>按画面内容查找照片</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>选择文件夹</translation>
    </message>
    <message>
        <source>The folder with your photos, subfolders included</source>
        <translation>存放照片的文件夹，包括子文件夹</translation>
    </message>
    <message>
        <source>or drop one here</source>
        <translation>或将文件夹拖到此处</translation>
    </message>
    <message>
        <source>Try it with the demo photos</source>
        <translation>用演示照片试一试</translation>
    </message>
    <message>
        <source>A small library of drawings in a folder of its own; your photos stay out of it</source>
        <translation>一个独立文件夹中的小型图画库，与您的照片无关</translation>
    </message>
    <message>
        <source>Search model</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>Understands everyday words and scenes in %1.</source>
        <translation>理解日常词语和场景，语言：%1。</translation>
    </message>
    <message>
        <source>Searching by words needs a model. It runs on this computer; only the download needs the internet. You can change it at any time.</source>
        <translation>用文字搜索需要一个模型。模型在本机运行，只有下载时需要联网，可随时更换。</translation>
    </message>
    <message>
        <source>Photosift looks at the photos where they are. It never changes or uploads one, and moves one only in a sort that you ask for.</source>
        <translation>Photosift 在原处查看照片，绝不修改或上传任何一张；只有在您要求整理时才会移动照片。</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a folder with a model</source>
        <translation>选择模型文件夹</translation>
    </message>
    <message>
        <source>A model on this computer</source>
        <translation>本机上的模型</translation>
    </message>
    <message>
        <source>A folder with a CLIP model that you downloaded or trained yourself.</source>
        <translation>您自己下载或训练的 CLIP 模型所在的文件夹。</translation>
    </message>
    <message>
        <source>Already here, nothing to download. It knows the things in the demo photos, not the world.</source>
        <translation>已内置，无需下载。它只认识演示照片中的事物，不认识真实世界。</translation>
    </message>
    <message>
        <source>Downloads %1 once, then works offline.</source>
        <translation>只需下载一次（%1），之后可离线使用。</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use %1</source>
        <translation>使用 %1</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Download %1</source>
        <translation>下载 %1</translation>
    </message>
    <message>
        <source>The folder with your photos</source>
        <translation>存放照片的文件夹</translation>
    </message>
    <message>
        <source>The folder with the model</source>
        <translation>模型所在的文件夹</translation>
    </message>
</context>
<context>
    <name>FolderList</name>
    <message>
        <source>Add…</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
</context>
<context>
    <name>FolderTree</name>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Tidy up</source>
        <translation>整理</translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln group(s) waiting</source>
        <translation>
            <numerusform>%1，%Ln 组待处理</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln suggestion(s) waiting</source>
        <translation>
            <numerusform>%1，%Ln 条建议待审阅</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln photo(s)</source>
        <translation>
            <numerusform>%1，%Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>全部照片</translation>
    </message>
    <message>
        <source>Saved searches</source>
        <translation>已存搜索</translation>
    </message>
    <message>
        <source>Albums</source>
        <translation>相册</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审阅</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>分类</translation>
    </message>
    <message>
        <source>Find things</source>
        <translation>查找物体</translation>
    </message>
    <message>
        <source>Sort into folders</source>
        <translation>整理到文件夹</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复照片</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>What photos that go know, and those that stay do not, is kept</source>
        <translation>被移走的照片所带的信息会转给保留的照片</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Bring them back to their places</source>
        <translation>让它们回到原处</translation>
    </message>
    <message>
        <source>Nothing is deleted; they can be brought back</source>
        <translation>不会删除任何文件，随时可以恢复</translation>
    </message>
    <message numerus="yes">
        <source>Tags and facts go over to %Ln photo(s)</source>
        <translation>
            <numerusform>标签和信息转给 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2 photos</source>
        <translation>%1 / %2 张照片</translation>
    </message>
    <message>
        <source>Stopping after the photos in hand…</source>
        <translation>处理完手头的照片后停止…</translation>
    </message>
</context>
<context>
    <name>GridModel</name>
    <message>
        <source>with its RAW</source>
        <translation>含 RAW</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>not readable</source>
        <translation>无法读取</translation>
    </message>
</context>
<context>
    <name>GridPage</name>
    <message>
        <source>No similar photo was found.</source>
        <translation>没有找到相似的照片。</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>No photo matches “{}”.</source>
        <translation>没有与“{}”相符的照片。</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清除搜索</translation>
    </message>
    <message>
        <source>There is no answer to this search.</source>
        <translation>无法回答此搜索。</translation>
    </message>
    <message>
        <source>There are no photos in this folder.</source>
        <translation>此文件夹中没有照片。</translation>
    </message>
    <message>
        <source>Show all photos</source>
        <translation>显示全部照片</translation>
    </message>
    <message>
        <source>Looking for photos in your folders.</source>
        <translation>正在文件夹中查找照片。</translation>
    </message>
    <message>
        <source>There are no photos in your folders yet.</source>
        <translation>文件夹中还没有照片。</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>添加文件夹</translation>
    </message>
</context>
<context>
    <name>GridView</name>
    <message>
        <source>Photos</source>
        <translation>照片</translation>
    </message>
</context>
<context>
    <name>GroupList</name>
    <message>
        <source>Groups</source>
        <translation>分组</translation>
    </message>
</context>
<context>
    <name>GroupListView</name>
    <message>
        <source>Groups of duplicates</source>
        <translation>重复照片组</translation>
    </message>
</context>
<context>
    <name>GroupPane</name>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>This one stays instead (K)</source>
        <translation>改为保留这一张 (K)</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>移走</translation>
    </message>
    <message>
        <source>Mark it, so that it goes with the others; again: it stays (X or Del)</source>
        <translation>标记后一起移走，再按一次则保留 (X 或 Del)</translation>
    </message>
    <message>
        <source>Not duplicates</source>
        <translation>不是重复照片</translation>
    </message>
    <message>
        <source>Keep all</source>
        <translation>全部保留</translation>
    </message>
    <message>
        <source>All of these stay; do not show them again (N)</source>
        <translation>全部保留，不再显示 (N)</translation>
    </message>
    <message>
        <source>Never show this group again (N)</source>
        <translation>不再显示这一组 (N)</translation>
    </message>
    <message>
        <source>Stays because you chose it</source>
        <translation>由你选择保留</translation>
    </message>
    <message>
        <source>Stays: %1</source>
        <translation>保留：%1</translation>
    </message>
    <message>
        <source>Let it stay</source>
        <translation>取消移走</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
</context>
<context>
    <name>GroupRows</name>
    <message numerus="yes">
        <source>%Ln marked for the trash</source>
        <translation>
            <numerusform>%Ln 张标记为移走</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Undone: %1</source>
        <translation>已撤销：%1</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Belongs together with</source>
        <translation>同组文件</translation>
    </message>
    <message>
        <source>Select a photo to see what is known about it.</source>
        <translation>选择一张照片以查看其信息。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Show in folder: %1</source>
        <translation>在文件夹中显示：%1</translation>
    </message>
    <message>
        <source>This photo is on a drive that is offline.</source>
        <translation>这张照片所在的磁盘未连接。</translation>
    </message>
    <message>
        <source>Find similar</source>
        <translation>查找相似</translation>
    </message>
    <message>
        <source>Search for photos that look like this one (Ctrl+E)</source>
        <translation>搜索与这张相似的照片 (Ctrl+E)</translation>
    </message>
    <message>
        <source>This photo is not searchable yet</source>
        <translation>这张照片尚不能搜索</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Caption</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>拍摄时间</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>镜头</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Keywords</source>
        <translation>关键词</translation>
    </message>
    <message>
        <source>Software</source>
        <translation>软件</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message numerus="yes">
        <source>%Ln exact copies</source>
        <translation>
            <numerusform>%Ln 个完全相同的副本</numerusform>
        </translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>来自 %1</translation>
    </message>
    <message>
        <source>Rating</source>
        <translation>评分</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>已排除</translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>Show on map</source>
        <translation>在地图上显示</translation>
    </message>
    <message>
        <source>Opens openstreetmap.org in your browser, with this place</source>
        <translation>在浏览器中打开 openstreetmap.org 并显示此地点</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
</context>
<context>
    <name>JobRow</name>
    <message>
        <source>Index now anyway</source>
        <translation>仍然立即处理</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>%1: stopping</source>
        <translation>%1：正在停止</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) could not be read; see Problems</source>
        <translation>
            <numerusform>%Ln 个文件无法读取，见“问题”</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/秒</translation>
    </message>
    <message>
        <source>%1 photos/s</source>
        <translation>%1 张/秒</translation>
    </message>
</context>
<context>
    <name>Keeper</name>
    <message>
        <source>Updating the library</source>
        <translation>正在更新图库</translation>
    </message>
</context>
<context>
    <name>LabelChip</name>
    <message>
        <source>Stop looking for “%1”</source>
        <translation>不再查找“%1”</translation>
    </message>
</context>
<context>
    <name>LabelCuts</name>
    <message>
        <source>How sure it must be of each</source>
        <translation>对每个标注需要多确定</translation>
    </message>
</context>
<context>
    <name>LabelField</name>
    <message>
        <source>What to look for</source>
        <translation>要查找什么</translation>
    </message>
    <message>
        <source>At most %1 things can be looked for at once.</source>
        <translation>一次最多查找 %1 种物体。</translation>
    </message>
    <message>
        <source>A label can have %1 letters at most.</source>
        <translation>标注最多 %1 个字符。</translation>
    </message>
    <message>
        <source>What do you look for? cat, remote control, couch…</source>
        <translation>要找什么？猫、遥控器、沙发…</translation>
    </message>
    <message>
        <source>and…</source>
        <translation>还有…</translation>
    </message>
</context>
<context>
    <name>LeftDialog</name>
    <message>
        <source>Copy the list</source>
        <translation>复制列表</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>LeftOutPage</name>
    <message>
        <source>Names that are left out</source>
        <translation>忽略的名称</translation>
    </message>
    <message>
        <source>A name, such as *.tmp</source>
        <translation>名称，例如 *.tmp</translation>
    </message>
    <message>
        <source>A name to leave out</source>
        <translation>要忽略的名称</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add the name</source>
        <translation>添加此名称</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Back to the defaults</source>
        <translation>恢复默认</translation>
    </message>
</context>
<context>
    <name>LeftRows</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message numerus="yes">
        <source>%1, %Ln photo(s)</source>
        <translation>
            <numerusform>%1，%Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Show or hide these boxes</source>
        <translation>显示或隐藏这些框</translation>
    </message>
</context>
<context>
    <name>ListedPage</name>
    <message>
        <source>Photos</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>What photos that go know and those that stay do not. It is noted in the library; no file is changed, and undo takes it back.</source>
        <translation>被移走的照片带有而保留的照片没有的信息。只记在图库中，不改动任何文件，撤销时一并还原。</translation>
    </message>
    <message>
        <source>What is taken over</source>
        <translation>转移的信息</translation>
    </message>
    <message>
        <source>Photo that stays</source>
        <translation>保留的照片</translation>
    </message>
    <message>
        <source>Takes over</source>
        <translation>得到</translation>
    </message>
    <message>
        <source>These photos are where they were, untouched.</source>
        <translation>这些照片仍在原处，没有动过。</translation>
    </message>
    <message>
        <source>Photos left alone</source>
        <translation>未动的照片</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Why it was left alone</source>
        <translation>未动的原因</translation>
    </message>
</context>
<context>
    <name>LookDesk</name>
    <message>
        <source>Two to four photos can be compared.</source>
        <translation>可以比较两到四张照片。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Photosift</source>
        <translation>Photosift</translation>
    </message>
    <message>
        <source>Opening the library…</source>
        <translation>正在打开图库…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>ManyPage</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ManyTags</name>
    <message>
        <source>Add a tag to all of them</source>
        <translation>给全部照片加标签</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more tag(s)</source>
        <translation>
            <numerusform>以及另外 %Ln 个标签</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Take it off all of them</source>
        <translation>从全部照片移除</translation>
    </message>
    <message>
        <source>Put it on all of them</source>
        <translation>加到全部照片</translation>
    </message>
</context>
<context>
    <name>ManyWords</name>
    <message>
        <source>Taken</source>
        <translation>拍摄时间</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Formats</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message numerus="yes">
        <source>%Ln folder(s)</source>
        <translation>
            <numerusform>%Ln 个文件夹</numerusform>
        </translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln without a date</source>
        <translation>
            <numerusform>%Ln 张没有日期</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkActions</name>
    <message>
        <source>&amp;No stars</source>
        <translation>无星级(&amp;N)</translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Pick</source>
        <translation>留用(&amp;P)</translation>
    </message>
    <message>
        <source>Re&amp;ject</source>
        <translation>弃用(&amp;J)</translation>
    </message>
    <message>
        <source>&amp;Neither picked nor rejected</source>
        <translation>清除留用和弃用(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Favourite</source>
        <translation>收藏(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Rating</source>
        <translation>星级(&amp;R)</translation>
    </message>
</context>
<context>
    <name>MarkDesk</name>
    <message>
        <source>Caption changed</source>
        <translation>说明已更改</translation>
    </message>
    <message>
        <source>Title changed</source>
        <translation>标题已更改</translation>
    </message>
</context>
<context>
    <name>MarkSection</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>Pick (P)</source>
        <translation>留用 (P)</translation>
    </message>
    <message>
        <source>Reject (X)</source>
        <translation>弃用 (X)</translation>
    </message>
    <message>
        <source>Favourite (H)</source>
        <translation>收藏 (H)</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Caption</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Different stars</source>
        <translation>星级不同</translation>
    </message>
    <message>
        <source>Add a title</source>
        <translation>添加标题</translation>
    </message>
    <message>
        <source>A title for all of them</source>
        <translation>为全部照片添加标题</translation>
    </message>
    <message>
        <source>Different titles</source>
        <translation>标题不同</translation>
    </message>
    <message>
        <source>Add a caption</source>
        <translation>添加说明</translation>
    </message>
    <message>
        <source>A caption for all of them</source>
        <translation>为全部照片添加说明</translation>
    </message>
    <message>
        <source>Different captions</source>
        <translation>说明不同</translation>
    </message>
    <message>
        <source>Title from the file</source>
        <translation>标题来自文件</translation>
    </message>
    <message>
        <source>Caption from the file</source>
        <translation>说明来自文件</translation>
    </message>
    <message>
        <source>Stars from the file</source>
        <translation>星级来自文件</translation>
    </message>
    <message>
        <source>Rejected in the file</source>
        <translation>文件中标为弃用</translation>
    </message>
</context>
<context>
    <name>MarkWords</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>picked</source>
        <translation>已留用</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已弃用</translation>
    </message>
    <message>
        <source>favourite</source>
        <translation>已收藏</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rated %1 of 5</source>
        <translation>
            <numerusform>%Ln 张照片评为 %1 星（共 5 星）</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stars of %Ln photo(s) cleared</source>
        <translation>
            <numerusform>已清除 %Ln 张照片的星级</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) picked</source>
        <translation>
            <numerusform>已留用 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rejected</source>
        <translation>
            <numerusform>已弃用 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Flags of %Ln photo(s) cleared</source>
        <translation>
            <numerusform>已清除 %Ln 张照片的留用或弃用标记</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) made favourites</source>
        <translation>
            <numerusform>已收藏 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are no favourites any more</source>
        <translation>
            <numerusform>%Ln 张照片不再收藏</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MemberRows</name>
    <message numerus="yes">
        <source>+ %Ln file(s)</source>
        <translation>
            <numerusform>+ %Ln 个文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>Stays</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Cannot go</source>
        <translation>不能移走</translation>
    </message>
    <message>
        <source>The rules would keep it</source>
        <translation>按规则应保留</translation>
    </message>
    <message>
        <source>You already had this one</source>
        <translation>这张你已经有了</translation>
    </message>
</context>
<context>
    <name>MemberStrip</name>
    <message>
        <source>Photos of the group</source>
        <translation>组内的照片</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>查看(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Organize</source>
        <translation>整理(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Add folder…</source>
        <translation>添加文件夹(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Look for changes</source>
        <translation>检查更改(&amp;L)</translation>
    </message>
    <message>
        <source>S&amp;ort into folders…</source>
        <translation>整理到文件夹(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>模型(&amp;M)…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>设置(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>搜索(&amp;S)</translation>
    </message>
    <message>
        <source>Search &amp;with a picture…</source>
        <translation>用图片搜索(&amp;W)…</translation>
    </message>
    <message>
        <source>Sa&amp;ve the search…</source>
        <translation>保存搜索(&amp;V)…</translation>
    </message>
    <message>
        <source>&amp;Find similar photos</source>
        <translation>查找相似照片(&amp;F)</translation>
    </message>
    <message>
        <source>A&amp;dd to the search</source>
        <translation>加入搜索(&amp;D)</translation>
    </message>
    <message>
        <source>Wh&amp;y was it found?</source>
        <translation>为什么找到它(&amp;Y)？</translation>
    </message>
    <message>
        <source>Find t&amp;hings in photos…</source>
        <translation>在照片中查找物体(&amp;H)…</translation>
    </message>
    <message>
        <source>Search with a pa&amp;rt of the photo</source>
        <translation>用照片的一部分搜索(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Copy files</source>
        <translation>复制文件(&amp;C)</translation>
    </message>
    <message>
        <source>Copy &amp;paths</source>
        <translation>复制路径(&amp;P)</translation>
    </message>
    <message>
        <source>Select &amp;all</source>
        <translation>全选(&amp;A)</translation>
    </message>
    <message>
        <source>Select &amp;none</source>
        <translation>取消选择(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Invert selection</source>
        <translation>反选(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Review suggestions</source>
        <translation>审阅建议(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Categories</source>
        <translation>分类(&amp;C)</translation>
    </message>
    <message>
        <source>Add a &amp;tag…</source>
        <translation>添加标签(&amp;T)…</translation>
    </message>
    <message>
        <source>Tag &amp;my photos</source>
        <translation>为照片加标签(&amp;M)</translation>
    </message>
    <message>
        <source>Ne&amp;w album…</source>
        <translation>新建相册(&amp;W)…</translation>
    </message>
    <message>
        <source>Add to an al&amp;bum</source>
        <translation>加入相册(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Duplicates</source>
        <translation>重复照片(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Sidebar</source>
        <translation>侧栏(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>详细信息(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Order</source>
        <translation>排序(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Whole photos in the grid</source>
        <translation>网格中显示完整照片(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Larger</source>
        <translation>放大(&amp;L)</translation>
    </message>
    <message>
        <source>S&amp;maller</source>
        <translation>缩小(&amp;M)</translation>
    </message>
    <message>
        <source>Hide or show &amp;weaker matches</source>
        <translation>隐藏或显示较弱的匹配(&amp;W)</translation>
    </message>
    <message>
        <source>Bo&amp;xes on photos</source>
        <translation>照片上的框(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;100 % or fit</source>
        <translation>100% 或适合窗口(&amp;1)</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>比较(&amp;C)</translation>
    </message>
    <message>
        <source>Sli&amp;deshow</source>
        <translation>幻灯片放映(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Full screen</source>
        <translation>全屏(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;About Photosift</source>
        <translation>关于 Photosift(&amp;A)</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>最新优先</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>最旧优先</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>By rating</source>
        <translation>按星级</translation>
    </message>
    <message>
        <source>By relevance</source>
        <translation>按相关程度</translation>
    </message>
    <message>
        <source>Album order</source>
        <translation>相册顺序</translation>
    </message>
    <message>
        <source>About Photosift</source>
        <translation>关于 Photosift</translation>
    </message>
    <message>
        <source>Photosift</source>
        <translation>Photosift</translation>
    </message>
    <message>
        <source>A photo organizer that understands pictures. Everything happens on this computer.</source>
        <translation>能看懂画面的照片管理器。一切都在本机进行。</translation>
    </message>
</context>
<context>
    <name>MisfiledList</name>
    <message>
        <source>Lies in “%1”, looks like those in “%2”</source>
        <translation>在“%1”中，看起来却像“%2”中的照片</translation>
    </message>
    <message>
        <source>Tagged “%1”, looks like those tagged “%2”</source>
        <translation>标签是“%1”，看起来却像标有“%2”的照片</translation>
    </message>
</context>
<context>
    <name>MisfiledTab</name>
    <message>
        <source>Photos that may be misfiled</source>
        <translation>可能放错的照片</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>再查一次</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>It is right here</source>
        <translation>就该在这里</translation>
    </message>
    <message>
        <source>Change the tag</source>
        <translation>更改标签</translation>
    </message>
    <message>
        <source>Leave it as it is (N or Backspace)</source>
        <translation>保持原样（N 或退格键）</translation>
    </message>
    <message>
        <source>Comparing every photo with those like it…</source>
        <translation>正在把每张照片与相似的照片比较…</translation>
    </message>
    <message>
        <source>Looking for misfiled photos</source>
        <translation>正在查找放错的照片</translation>
    </message>
    <message>
        <source>The comparison was cancelled.</source>
        <translation>比较已取消。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) look like those of another place</source>
        <translation>
            <numerusform>%Ln 张照片看起来属于别处</numerusform>
        </translation>
    </message>
    <message>
        <source>Every photo looks like those beside it.</source>
        <translation>每张照片都与旁边的照片相像。</translation>
    </message>
    <message>
        <source>Tag it “%1”</source>
        <translation>改标为“%1”</translation>
    </message>
    <message>
        <source>The better tag instead of this one (Y or Enter)</source>
        <translation>换成更合适的标签（Y 或回车键）</translation>
    </message>
</context>
<context>
    <name>ModelDetail</name>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>More that can be done</source>
        <translation>更多操作</translation>
    </message>
    <message>
        <source>Chosen model</source>
        <translation>所选模型</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>What went wrong</source>
        <translation>出了什么问题</translation>
    </message>
    <message>
        <source>What it is good for</source>
        <translation>适用情况</translation>
    </message>
    <message>
        <source>Languages</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Has seen</source>
        <translation>已看过</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>Recommended for your language.</source>
        <translation>推荐用于您的语言。</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>约 %1</translation>
    </message>
</context>
<context>
    <name>ModelWork</name>
    <message>
        <source>Downloading %1</source>
        <translation>正在下载 %1</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Detection</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>Your folders</source>
        <translation>您的文件夹</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 of %2 photos</source>
        <translation>%1 / %2 张照片</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Being prepared</source>
        <translation>准备中</translation>
    </message>
    <message>
        <source>Ready to switch to</source>
        <translation>可以立即切换</translation>
    </message>
    <message>
        <source>Has seen %1</source>
        <translation>已看过 %1</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>正在下载</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Switching…</source>
        <translation>正在切换…</translation>
    </message>
    <message>
        <source>Partly downloaded</source>
        <translation>已下载一部分</translation>
    </message>
    <message>
        <source>Not installed</source>
        <translation>未安装</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>未通过检查</translation>
    </message>
    <message>
        <source>Self-test failed</source>
        <translation>自检未通过</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>找不到</translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
    <message>
        <source>Built in</source>
        <translation>内置</translation>
    </message>
    <message>
        <source>Search uses this model.</source>
        <translation>搜索正在使用此模型。</translation>
    </message>
    <message>
        <source>Search uses this model; it has seen %1.</source>
        <translation>搜索正在使用此模型，它已看过 %1。</translation>
    </message>
    <message>
        <source>Has seen %1. Search uses the other model until this one is complete.</source>
        <translation>已看过 %1。完成之前，搜索继续使用另一个模型。</translation>
    </message>
    <message>
        <source>Has seen all photos: search can switch to it and back at once.</source>
        <translation>已看过所有照片：搜索可以立即切换过来，也可以立即换回。</translation>
    </message>
    <message>
        <source>Installed. It has seen %1 so far.</source>
        <translation>已安装，目前已看过 %1。</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>waiting for the other downloads</source>
        <translation>等待其他下载完成</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/秒</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>Checking the model…</source>
        <translation>正在检查模型…</translation>
    </message>
    <message>
        <source>Running its self-test…</source>
        <translation>正在自检…</translation>
    </message>
    <message>
        <source>%1 are here; the download goes on where it stopped.</source>
        <translation>已下载 %1，可以接着下载。</translation>
    </message>
    <message>
        <source>Not on this computer. The download can be paused and goes on later.</source>
        <translation>不在这台电脑上。下载可以暂停，以后接着下载。</translation>
    </message>
    <message>
        <source>Its answers cannot be trusted. Remove it and download it again.</source>
        <translation>它的结果不可信。请移除后重新下载。</translation>
    </message>
    <message>
        <source>Its files are not there any more. It had seen %1.</source>
        <translation>它的文件已经不在了。它看过 %1。</translation>
    </message>
    <message>
        <source>Comes with Photosift.</source>
        <translation>Photosift 自带。</translation>
    </message>
    <message>
        <source>On this computer.</source>
        <translation>在这台电脑上。</translation>
    </message>
    <message>
        <source>Download failed</source>
        <translation>下载失败</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Resume and use</source>
        <translation>继续下载并使用</translation>
    </message>
    <message>
        <source>Download and use</source>
        <translation>下载并使用</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Download only</source>
        <translation>仅下载</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Switch now</source>
        <translation>立即切换</translation>
    </message>
    <message>
        <source>Go back to it</source>
        <translation>换回此模型</translation>
    </message>
    <message>
        <source>Stop preparing</source>
        <translation>停止准备</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>比较…</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>自检</translation>
    </message>
    <message>
        <source>Remove download…</source>
        <translation>移除下载…</translation>
    </message>
    <message>
        <source>Free its vectors…</source>
        <translation>释放其向量…</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Fetches and checks the model, then prepares the photos for it</source>
        <translation>下载并检查模型，然后为它准备照片</translation>
    </message>
    <message>
        <source>Fetches and checks the model; search stays as it is</source>
        <translation>下载并检查模型，搜索保持不变</translation>
    </message>
    <message>
        <source>What is here is kept</source>
        <translation>已下载的部分会保留</translation>
    </message>
    <message>
        <source>Goes on where it stopped</source>
        <translation>从停下的地方继续</translation>
    </message>
    <message>
        <source>Ends the download; what is here is kept for later</source>
        <translation>结束下载，已下载的部分保留到下次</translation>
    </message>
    <message>
        <source>Looks at the photos in the background; search switches when it is complete</source>
        <translation>在后台查看照片，完成后搜索切换过来</translation>
    </message>
    <message>
        <source>Search uses what it has seen so far; the rest follows</source>
        <translation>搜索使用目前看过的照片，其余的随后补上</translation>
    </message>
    <message>
        <source>Its vectors are still there: search changes at once</source>
        <translation>它的向量还在：搜索立即切换</translation>
    </message>
    <message>
        <source>What it has seen so far is kept</source>
        <translation>目前看过的内容会保留</translation>
    </message>
    <message>
        <source>Your own search, answered by both models side by side</source>
        <translation>用您自己的搜索并排比较两个模型的结果</translation>
    </message>
    <message>
        <source>Checks that its files are whole and its answers right</source>
        <translation>检查文件是否完整、结果是否正确</translation>
    </message>
    <message>
        <source>Deletes its files from this computer</source>
        <translation>从这台电脑上删除它的文件</translation>
    </message>
    <message>
        <source>Deletes what it has seen of the photos, not the photos</source>
        <translation>删除它对照片的记录，不会删除照片</translation>
    </message>
    <message>
        <source>Takes it off this list</source>
        <translation>从列表中去掉</translation>
    </message>
    <message>
        <source>%1 photos/s</source>
        <translation>%1 张/秒</translation>
    </message>
    <message>
        <source>agreement %1, top-10 %2</source>
        <translation>一致度 %1，前 10 名 %2</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>添加文件夹</translation>
    </message>
    <message>
        <source>A folder with a model: config.json, tokenizer and safetensors weights</source>
        <translation>含有模型的文件夹：config.json、分词器和 safetensors 权重</translation>
    </message>
    <message>
        <source>A model is what looks at the photos. All of them run on this computer. Another one is prepared while you go on searching with the one you have.</source>
        <translation>模型负责查看照片，全部在本机运行。准备另一个模型时，可以继续用现有的模型搜索。</translation>
    </message>
    <message>
        <source>Remove the download of “{}”?</source>
        <translation>移除“{}”的下载？</translation>
    </message>
    <message>
        <source>%1 become free. What it has seen of your photos is kept; it can be downloaded again.</source>
        <translation>将释放 %1。它对照片的记录会保留，以后可以重新下载。</translation>
    </message>
    <message>
        <source>Remove download</source>
        <translation>移除下载</translation>
    </message>
    <message>
        <source>Free the vectors of “{}”?</source>
        <translation>释放“{}”的向量？</translation>
    </message>
    <message>
        <source>%1 become free. To be used again it has to look at all photos once more. The photos are not touched.</source>
        <translation>将释放 %1。再次使用时需要重新查看所有照片。照片不受影响。</translation>
    </message>
    <message>
        <source>Free vectors</source>
        <translation>释放向量</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>The folder with the model</source>
        <translation>模型所在的文件夹</translation>
    </message>
</context>
<context>
    <name>ModelsList</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>NameField</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) that belong to it are renamed too</source>
        <translation>
            <numerusform>附带的 %Ln 个文件也会一起重命名</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NamePopup</name>
    <message>
        <source>cat, remote control…</source>
        <translation>猫、遥控器…</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>There is an album of this name already.</source>
        <translation>已有同名相册。</translation>
    </message>
</context>
<context>
    <name>PartVeil</name>
    <message>
        <source>Part of the photo to search with</source>
        <translation>用来搜索的照片部分</translation>
    </message>
    <message>
        <source>Drag over what you search for. Arrows and Enter do it too; Esc leaves.</source>
        <translation>拖动框住要搜索的内容。也可用方向键和回车；Esc 退出。</translation>
    </message>
</context>
<context>
    <name>PatternDialog</name>
    <message numerus="yes">
        <source>Rename %Ln photo(s)</source>
        <translation>
            <numerusform>重命名 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Pattern of the names</source>
        <translation>名称格式</translation>
    </message>
    <message>
        <source>First number</source>
        <translation>起始编号</translation>
    </message>
    <message>
        <source>The number of the first photo, in the order of the grid</source>
        <translation>第一张照片的编号，按网格中的顺序</translation>
    </message>
    <message>
        <source>Former name</source>
        <translation>原名称</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Then</source>
        <translation>改为</translation>
    </message>
    <message>
        <source>Names, now and then</source>
        <translation>现在和改后的名称</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>from</source>
        <translation>起始于</translation>
    </message>
    <message>
        <source>Insert: %1</source>
        <translation>插入：%1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) keep their names</source>
        <translation>
            <numerusform>%Ln 张照片名称不变</numerusform>
        </translation>
    </message>
    <message>
        <source>and %1 more</source>
        <translation>以及另外 %1 项</translation>
    </message>
    <message>
        <source>These are their names already.</source>
        <translation>名称与现在相同。</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
</context>
<context>
    <name>PhotoBar</name>
    <message>
        <source>Back (Esc)</source>
        <translation>返回 (Esc)</translation>
    </message>
    <message>
        <source>Previous photo (Left)</source>
        <translation>上一张 (左)</translation>
    </message>
    <message>
        <source>Next photo (Right)</source>
        <translation>下一张 (右)</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小 (-)</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Fit or 100 % (Z)</source>
        <translation>适合窗口或 100 % (Z)</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} / {}</translation>
    </message>
</context>
<context>
    <name>PhotoMenu</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy paths</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy file</source>
        <translation>复制文件</translation>
    </message>
    <message>
        <source>Copy files</source>
        <translation>复制文件</translation>
    </message>
    <message>
        <source>Find similar photos</source>
        <translation>查找相似照片</translation>
    </message>
    <message>
        <source>Add to the search</source>
        <translation>加入搜索</translation>
    </message>
    <message>
        <source>Why was it found?</source>
        <translation>为什么找到它？</translation>
    </message>
    <message>
        <source>Detect things…</source>
        <translation>检测物体…</translation>
    </message>
    <message>
        <source>Open with</source>
        <translation>打开方式</translation>
    </message>
    <message>
        <source>Default program</source>
        <translation>默认程序</translation>
    </message>
    <message>
        <source>Choose a program…</source>
        <translation>选择程序…</translation>
    </message>
    <message>
        <source>%1 could not be started.</source>
        <translation>无法启动 %1。</translation>
    </message>
    <message>
        <source>Open with a program</source>
        <translation>用程序打开</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Add a tag…</source>
        <translation>添加标签…</translation>
    </message>
    <message>
        <source>Add as example</source>
        <translation>添加为示例</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Show on map</source>
        <translation>在地图上显示</translation>
    </message>
    <message>
        <source>Opens openstreetmap.org in your browser, with this place</source>
        <translation>在浏览器中打开 openstreetmap.org 并显示此地点</translation>
    </message>
</context>
<context>
    <name>PhotoPage</name>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>Type what to look for above the photo, or choose:</source>
        <translation>在照片上方输入要查找的物体，或选择：</translation>
    </message>
    <message>
        <source>Type what to look for above the photo.</source>
        <translation>在照片上方输入要查找的物体。</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查找…</translation>
    </message>
</context>
<context>
    <name>Picker</name>
    <message>
        <source>Choose categories</source>
        <translation>选择分类</translation>
    </message>
    <message>
        <source>Search, or type words of your own</source>
        <translation>搜索，或输入自己的词</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>Ideas for categories</source>
        <translation>分类建议</translation>
    </message>
    <message>
        <source>Look what the photos show</source>
        <translation>看看照片里有什么</translation>
    </message>
    <message>
        <source>Tries the whole vocabulary on a sample; seconds</source>
        <translation>用整个词汇表试一批样本，需几秒钟</translation>
    </message>
    <message>
        <source>Set that they are added to</source>
        <translation>要加入的分类组</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Add to</source>
        <translation>加入</translation>
    </message>
    <message>
        <source>A new set: only one fits</source>
        <translation>新分类组：只属于一个</translation>
    </message>
    <message>
        <source>A new set: several can fit</source>
        <translation>新分类组：可属于多个</translation>
    </message>
    <message>
        <source>From your library</source>
        <translation>来自你的图库</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Trying the vocabulary on your photos…</source>
        <translation>正在用词汇表试你的照片…</translation>
    </message>
    <message>
        <source>Looking what the photos show</source>
        <translation>正在看照片里有什么</translation>
    </message>
    <message>
        <source>your own words</source>
        <translation>你自己的词</translation>
    </message>
    <message>
        <source>Your tags and folders suggest nothing yet.</source>
        <translation>你的标签和文件夹里还没有可建议的。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Add %Ln categories</source>
        <translation>
            <numerusform>添加 %Ln 个分类</numerusform>
        </translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Categories %1</source>
        <translation>分类 %1</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>分类</translation>
    </message>
    <message numerus="yes">
        <source>%Ln categories added</source>
        <translation>
            <numerusform>已添加 %Ln 个分类</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlanPage</name>
    <message>
        <source>Photos have changed since this preview was made.</source>
        <translation>生成此预览后，照片有了变化。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message>
        <source>Move to group…</source>
        <translation>移到分组…</translation>
    </message>
    <message>
        <source>Put the selected photos into another group (M)</source>
        <translation>把选中的照片放到另一个分组（M）</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>they stay although they fit, or get another name</source>
        <translation>符合类别但留在原处，或会改名</translation>
    </message>
    <message>
        <source>they stay where they are; those that nearly fit come first</source>
        <translation>留在原处；最接近符合的排在前面</translation>
    </message>
    <message>
        <source>None of these</source>
        <translation>都不是</translation>
    </message>
    <message>
        <source>into an album of this name</source>
        <translation>放入同名相册</translation>
    </message>
    <message>
        <source>There are no photos to sort yet.</source>
        <translation>还没有可整理的照片。</translation>
    </message>
    <message>
        <source>Every photo has a place.</source>
        <translation>每张照片都有去处。</translation>
    </message>
    <message>
        <source>No photo belongs here. Lower the threshold, or drag photos here.</source>
        <translation>没有属于这里的照片。可降低门槛，或把照片拖到这里。</translation>
    </message>
    <message>
        <source>moved by you</source>
        <translation>由您移动</translation>
    </message>
    <message>
        <source>Drag photos to another group, or press its number; 0 lets them stay.</source>
        <translation>把照片拖到另一分组，或按它的数字键；按 0 留在原处。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) selected</source>
        <translation>
            <numerusform>已选中 %Ln 张照片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PreviewTexts</name>
    <message>
        <source>There is too little space: %1 are needed, %2 are free.</source>
        <translation>空间不足：需要 %1，可用 %2。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln stay(s)</source>
        <translation>
            <numerusform>%Ln 张留在原处</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>with %Ln companion file(s)</source>
        <translation>
            <numerusform>连同 %Ln 个附属文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln conflict(s)</source>
        <translation>
            <numerusform>%Ln 处冲突</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 needed, %2 free</source>
        <translation>需要 %1，可用 %2</translation>
    </message>
    <message>
        <source>needs no space</source>
        <translation>不占空间</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>None of these: stay</source>
        <translation>都不是：留在原处</translation>
    </message>
</context>
<context>
    <name>ProblemTable</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Last tried</source>
        <translation>上次尝试</translation>
    </message>
    <message>
        <source>The rest of the picture is shown.</source>
        <translation>画面的其余部分仍会显示。</translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message>
        <source>Files that could not be read</source>
        <translation>无法读取的文件</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Retry selected</source>
        <translation>重试所选</translation>
    </message>
    <message>
        <source>Retry all</source>
        <translation>全部重试</translation>
    </message>
    <message>
        <source>Read all of these files again</source>
        <translation>重新读取所有这些文件</translation>
    </message>
    <message>
        <source>Read the selected files again</source>
        <translation>重新读取所选文件</translation>
    </message>
    <message>
        <source>Open the file manager at this file</source>
        <translation>在文件管理器中定位此文件</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Every file could be read.</source>
        <translation>所有文件都能读取。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) could not be read</source>
        <translation>
            <numerusform>%Ln 个文件无法读取</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) could be read only in part</source>
        <translation>
            <numerusform>%Ln 个文件只能部分读取</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written</source>
        <translation>
            <numerusform>%Ln 个附属文件无法写入</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PropertiesDialog</name>
    <message>
        <source>Properties</source>
        <translation>属性</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>PropertyRows</name>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Caption</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Rating</source>
        <translation>评分</translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln 星</numerusform>
        </translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>拍摄时间</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>镜头</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Keywords</source>
        <translation>关键词</translation>
    </message>
    <message>
        <source>Software</source>
        <translation>软件</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Sidecar</source>
        <translation>附属文件</translation>
    </message>
    <message>
        <source>Exact copy</source>
        <translation>完全相同的副本</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>your own</source>
        <translation>你自己的</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>来自 %1</translation>
    </message>
    <message>
        <source>from the file</source>
        <translation>来自文件</translation>
    </message>
</context>
<context>
    <name>ReportPage</name>
    <message>
        <source>Take back</source>
        <translation>撤回</translation>
    </message>
    <message>
        <source>Put everything back as it was; what was changed since is left and named</source>
        <translation>全部恢复原状；之后改动过的会保留并列出</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Go on with the photos that were not tried</source>
        <translation>继续处理尚未处理的照片</translation>
    </message>
    <message>
        <source>Sort more</source>
        <translation>继续整理</translation>
    </message>
    <message>
        <source>All sorts</source>
        <translation>全部整理记录</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Why it was left</source>
        <translation>保留原因</translation>
    </message>
    <message>
        <source>Files that were left</source>
        <translation>保留下来的文件</translation>
    </message>
    <message>
        <source>Try again to take back</source>
        <translation>再次撤回</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln 个文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It was stopped. %Ln photo(s) were not tried and lie where they were.</source>
        <translation>
            <numerusform>已停止。%Ln 张照片尚未处理，仍在原处。</numerusform>
        </translation>
    </message>
    <message>
        <source>Everything is as it was before, and in its old place.</source>
        <translation>一切恢复原状，都在原来的位置。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) left where they are</source>
        <translation>
            <numerusform>%Ln 个文件保留在原处</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>Parts of the review</source>
        <translation>审阅的各部分</translation>
    </message>
    <message>
        <source>Suggestions</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>Misfiled?</source>
        <translation>放错了？</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行记录</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审阅</translation>
    </message>
</context>
<context>
    <name>ReviewPane</name>
    <message>
        <source>Kinds of duplicates</source>
        <translation>重复的种类</translation>
    </message>
    <message>
        <source>Mark by the rules</source>
        <translation>按规则标记</translation>
    </message>
    <message>
        <source>In every group all but the one that stays</source>
        <translation>每组标记除保留之外的所有照片</translation>
    </message>
    <message>
        <source>Unmark all</source>
        <translation>取消全部标记</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>重新查找</translation>
    </message>
</context>
<context>
    <name>ReviewView</name>
    <message>
        <source>Suggested photos</source>
        <translation>建议的照片</translation>
    </message>
</context>
<context>
    <name>RulePage</name>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Choose all categories</source>
        <translation>选择全部类别</translation>
    </message>
    <message>
        <source>Choose no category</source>
        <translation>不选任何类别</translation>
    </message>
    <message>
        <source>Folder to sort into</source>
        <translation>整理到的文件夹</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose the folder to sort into</source>
        <translation>选择整理到的文件夹</translation>
    </message>
    <message>
        <source>Folders by date</source>
        <translation>按日期分文件夹</translation>
    </message>
    <message>
        <source>no folders by date</source>
        <translation>不按日期分文件夹</translation>
    </message>
    <message>
        <source>one per year: 2024</source>
        <translation>每年一个：2024</translation>
    </message>
    <message>
        <source>one per month: 2024/2024-05</source>
        <translation>每月一个：2024/2024-05</translation>
    </message>
    <message>
        <source>Which categories</source>
        <translation>哪些类别</translation>
    </message>
    <message>
        <source>What becomes of the files</source>
        <translation>如何处理文件</translation>
    </message>
    <message>
        <source>Into which folder</source>
        <translation>整理到哪个文件夹</translation>
    </message>
    <message>
        <source>In each category&apos;s folder</source>
        <translation>在每个类别的文件夹内</translation>
    </message>
    <message>
        <source>What will happen</source>
        <translation>将会发生什么</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>The photos stay where they are; copies go into the folders.</source>
        <translation>照片留在原处，副本放进文件夹。</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>The photos themselves go, with all that belongs to them.</source>
        <translation>移动照片本身，连同附属文件。</translation>
    </message>
    <message>
        <source>Hard link</source>
        <translation>硬链接</translation>
    </message>
    <message>
        <source>The same file under a second name: takes no space, same disk only.</source>
        <translation>同一文件的第二个名字：不占空间，仅限同一磁盘。</translation>
    </message>
    <message>
        <source>Album only</source>
        <translation>仅相册</translation>
    </message>
    <message>
        <source>No file is touched; each category fills an album.</source>
        <translation>不动任何文件，每个类别放进一个相册。</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查看…</translation>
    </message>
    <message>
        <source>Show what would go where</source>
        <translation>查看照片的去向</translation>
    </message>
    <message>
        <source>Choose at least one category</source>
        <translation>请至少选择一个类别</translation>
    </message>
    <message>
        <source>Choose a folder, with its whole path</source>
        <translation>请选择一个文件夹（完整路径）</translation>
    </message>
    <message>
        <source>the folder</source>
        <translation>该文件夹</translation>
    </message>
    <message>
        <source>Each photo is copied into the folder of the category that fits it best, in %1. The originals stay as they are.</source>
        <translation>每张照片会复制到 %1 中最符合的类别的文件夹。原照片保持不变。</translation>
    </message>
    <message>
        <source>Each photo is moved into the folder of the category that fits it best, in %1. What belongs to it, such as a RAW or a sidecar file, goes along.</source>
        <translation>每张照片会移动到 %1 中最符合的类别的文件夹。RAW、附属文件等会一起移动。</translation>
    </message>
    <message>
        <source>Each photo gets a second name in the folder of the category that fits it best, in %1. Both names are the same file: what changes one changes the other.</source>
        <translation>每张照片会在 %1 中最符合的类别的文件夹里得到第二个名字。两个名字是同一个文件：改一个，另一个也会变。</translation>
    </message>
    <message>
        <source>Each photo goes into an album named after the category that fits it best. No file is touched.</source>
        <translation>每张照片会放入以最符合的类别命名的相册。不动任何文件。</translation>
    </message>
    <message>
        <source>A photo that fits none of these stays where it is. Next you see every photo with its place, can change it, and say how sure it must be. Nothing is overwritten, and all of it can be taken back.</source>
        <translation>不符合任何类别的照片留在原处。接下来您会看到每张照片的去处，可以更改，并决定需要多大把握。不会覆盖任何文件，全部都可以撤回。</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1%2</translation>
    </message>
    <message>
        <source>Sorted</source>
        <translation>已整理</translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message>
        <source>Rules in their order</source>
        <translation>按顺序的规则</translation>
    </message>
    <message>
        <source>More important (Alt+Up)</source>
        <translation>上移 (Alt+Up)</translation>
    </message>
    <message>
        <source>Less important (Alt+Down)</source>
        <translation>下移 (Alt+Down)</translation>
    </message>
    <message>
        <source>Usual order</source>
        <translation>默认顺序</translation>
    </message>
    <message>
        <source>Preferred folders</source>
        <translation>首选文件夹</translation>
    </message>
    <message>
        <source>Of two copies the one in the upper folder stays.</source>
        <translation>两份之中保留位于靠前文件夹的那份。</translation>
    </message>
    <message>
        <source>Protected folders</source>
        <translation>受保护的文件夹</translation>
    </message>
    <message>
        <source>Nothing in them or below ever goes to the trash.</source>
        <translation>其中及其下的照片从不移到回收站。</translation>
    </message>
    <message>
        <source>Use these rules</source>
        <translation>使用这些规则</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The first that tells two apart decides</source>
        <translation>由第一条能分出高下的规则决定</translation>
    </message>
</context>
<context>
    <name>RunList</name>
    <message>
        <source>Nothing was looked for on many photos yet.</source>
        <translation>还没有在多张照片中查找过。</translation>
    </message>
    <message>
        <source>Find things</source>
        <translation>查找物体</translation>
    </message>
</context>
<context>
    <name>RunRow</name>
    <message>
        <source>Run %1, %2</source>
        <translation>第 %1 次运行，%2</translation>
    </message>
    <message>
        <source>New photos, %1</source>
        <translation>新照片，%1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tag(s)</source>
        <translation>
            <numerusform>%Ln 个标签</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln taken off</source>
        <translation>
            <numerusform>取下 %Ln 个</numerusform>
        </translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已收回</translation>
    </message>
    <message numerus="yes">
        <source>%Ln still there</source>
        <translation>
            <numerusform>还剩 %Ln 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>收回</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Take back run %1</source>
        <translation>收回第 %1 次运行</translation>
    </message>
    <message>
        <source>Take off exactly these tags; what you made your own stays</source>
        <translation>只取下这些标签；你自己认可的会保留</translation>
    </message>
</context>
<context>
    <name>RunWords</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln photo(s)</source>
        <translation>
            <numerusform>%1 / %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤回</translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es)</source>
        <translation>
            <numerusform>%Ln 个框</numerusform>
        </translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>%1 起</translation>
    </message>
</context>
<context>
    <name>RunWork</name>
    <message>
        <source>Looking for %1</source>
        <translation>正在查找 %1</translation>
    </message>
    <message>
        <source>Looking for this thing</source>
        <translation>正在查找这个物体</translation>
    </message>
    <message numerus="yes">
        <source>Boxes found on %Ln photo(s)</source>
        <translation>
            <numerusform>在 %Ln 张照片上找到了物体</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing found on %Ln photo(s)</source>
        <translation>
            <numerusform>在 %Ln 张照片上没有找到物体</numerusform>
        </translation>
    </message>
    <message>
        <source>Stopped. What was found so far is kept.</source>
        <translation>已停止。已找到的都保留着。</translation>
    </message>
    <message>
        <source>Boxes of “%1” taken back</source>
        <translation>已撤回“%1”的框</translation>
    </message>
    <message>
        <source>Boxes of “%1” are back</source>
        <translation>“%1”的框已恢复</translation>
    </message>
    <message>
        <source>Exporting boxes</source>
        <translation>正在导出框</translation>
    </message>
    <message>
        <source>Only boxes that are kept are exported, and there are none here.</source>
        <translation>只导出已保留的框，而这里没有。</translation>
    </message>
    <message numerus="yes">
        <source>Boxes written beside %Ln photo(s)</source>
        <translation>
            <numerusform>已把框写在 %Ln 张照片旁</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Boxes of %Ln photo(s) exported</source>
        <translation>
            <numerusform>已导出 %Ln 张照片的框</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <translation>
            <numerusform>略过 %Ln 张</numerusform>
        </translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
</context>
<context>
    <name>RunningPage</name>
    <message>
        <source>You can go on working. Stopping leaves every photo whole, here or there.</source>
        <translation>您可以继续使用。停止后每张照片都完好，或在原处，或在新处。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>%1 of %2 photos</source>
        <translation>%1 / %2 张照片</translation>
    </message>
    <message>
        <source>Stopping after the photos in hand…</source>
        <translation>处理完手上的照片后停止…</translation>
    </message>
</context>
<context>
    <name>RunsPage</name>
    <message>
        <source>Nothing was sorted yet.</source>
        <translation>还没有整理过照片。</translation>
    </message>
    <message>
        <source>Sort photos</source>
        <translation>整理照片</translation>
    </message>
</context>
<context>
    <name>RunsTab</name>
    <message>
        <source>Tag my photos</source>
        <translation>为照片加标签</translation>
    </message>
    <message>
        <source>Put the tags of automatic categories on all photos</source>
        <translation>把自动分类的标签加到所有照片上</translation>
    </message>
    <message>
        <source>No photo was tagged by itself yet.</source>
        <translation>还没有自动加过标签。</translation>
    </message>
</context>
<context>
    <name>SavedSearches</name>
    <message>
        <source>Search for something first; then it can be saved.</source>
        <translation>请先搜索，然后才能保存。</translation>
    </message>
    <message>
        <source>Similar photos</source>
        <translation>相似照片</translation>
    </message>
    <message>
        <source>Save this search as</source>
        <translation>将此搜索保存为</translation>
    </message>
    <message>
        <source>Search saved as “%1”</source>
        <translation>搜索已保存为“%1”</translation>
    </message>
    <message>
        <source>Rename the saved search</source>
        <translation>重命名已存搜索</translation>
    </message>
    <message>
        <source>“%1” renamed</source>
        <translation>“%1”已重命名</translation>
    </message>
    <message>
        <source>“%1” removed</source>
        <translation>“%1”已移除</translation>
    </message>
    <message>
        <source>“%1” finds something else now</source>
        <translation>“%1”现在查找别的内容</translation>
    </message>
    <message>
        <source>“%1” moved</source>
        <translation>“%1”已移动</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Use the present search</source>
        <translation>改用当前搜索</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Remove (no photo is touched)</source>
        <translation>移除（不影响任何照片）</translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message>
        <source>Search: a dog in the snow, two cats on a couch…</source>
        <translation>搜索：雪地里的狗、沙发上的两只猫…</translation>
    </message>
    <message>
        <source>Search photos</source>
        <translation>搜索照片</translation>
    </message>
    <message>
        <source>Search with a picture… (Ctrl+Shift+F); drop or paste one too</source>
        <translation>用图片搜索…（Ctrl+Shift+F）；也可拖入或粘贴</translation>
    </message>
    <message>
        <source>Clear the search (Esc)</source>
        <translation>清除搜索 (Esc)</translation>
    </message>
    <message>
        <source>Find with proof…</source>
        <translation>查找并标出…</translation>
    </message>
    <message>
        <source>Show where it is on each photo (Ctrl+B)</source>
        <translation>在每张照片上标出位置 (Ctrl+B)</translation>
    </message>
    <message>
        <source>What counts as a match</source>
        <translation>怎样算匹配</translation>
    </message>
    <message>
        <source>Like this photo</source>
        <translation>与此照片相似</translation>
    </message>
    <message>
        <source>Change to “%1”</source>
        <translation>改为“%1”</translation>
    </message>
    <message>
        <source>…and words, if you like</source>
        <translation>…也可以加上文字</translation>
    </message>
</context>
<context>
    <name>SearchChip</name>
    <message>
        <source>not %1</source>
        <translation>非 %1</translation>
    </message>
</context>
<context>
    <name>SearchDesk</name>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Search with a picture</source>
        <translation>用图片搜索</translation>
    </message>
    <message numerus="yes">
        <source>%n match(es)</source>
        <translation>
            <numerusform>%n 个匹配</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n weaker</source>
        <translation>
            <numerusform>%n 个较弱</numerusform>
        </translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
</context>
<context>
    <name>SearchParts</name>
    <message>
        <source>What was understood</source>
        <translation>理解到的内容</translation>
    </message>
</context>
<context>
    <name>SearchingPage</name>
    <message>
        <source>Looking for duplicates</source>
        <translation>正在查找重复照片</translation>
    </message>
    <message>
        <source>You can go on working. What was compared once is not compared again.</source>
        <translation>可以继续工作。比较过的不会再比较。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>%1 of %2 photos</source>
        <translation>%1 / %2 张照片</translation>
    </message>
</context>
<context>
    <name>SetEditor</name>
    <message>
        <source>Name of the set</source>
        <translation>分类组名称</translation>
    </message>
    <message>
        <source>Only one fits</source>
        <translation>只属于一个</translation>
    </message>
    <message>
        <source>A photo belongs to one of these categories or to none</source>
        <translation>一张照片只属于其中一个分类，或都不属于</translation>
    </message>
    <message>
        <source>Several can fit</source>
        <translation>可属于多个</translation>
    </message>
    <message>
        <source>A photo can belong to several of these categories at once</source>
        <translation>一张照片可以同时属于其中多个分类</translation>
    </message>
    <message>
        <source>How its categories stand to each other</source>
        <translation>组内分类之间的关系</translation>
    </message>
    <message>
        <source>How a name is asked</source>
        <translation>名称如何提问</translation>
    </message>
    <message>
        <source>What is none of these, one description per line</source>
        <translation>哪些都不算，每行一个描述</translation>
    </message>
    <message>
        <source>Photosift&apos;s own words</source>
        <translation>Photosift 自带的描述</translation>
    </message>
    <message>
        <source>New category</source>
        <translation>新分类</translation>
    </message>
    <message>
        <source>From the vocabulary…</source>
        <translation>从词汇表…</translation>
    </message>
    <message>
        <source>Remove set</source>
        <translation>移除分类组</translation>
    </message>
    <message>
        <source>With its categories; their tags stay on the photos</source>
        <translation>连同其中的分类；标签会留在照片上</translation>
    </message>
    <message>
        <source>How a name is asked, with {} in its place</source>
        <translation>名称如何提问，用 {} 代表名称</translation>
    </message>
    <message>
        <source>A photo belongs to the category that fits best, or to none of them.</source>
        <translation>一张照片属于最合适的分类，或都不属于。</translation>
    </message>
    <message>
        <source>Each category is asked by itself; a photo can belong to several.</source>
        <translation>每个分类单独判断；一张照片可以属于多个。</translation>
    </message>
</context>
<context>
    <name>SetPage</name>
    <message>
        <source>Parts of detection</source>
        <translation>检测的各部分</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行记录</translation>
    </message>
    <message>
        <source>Where to look</source>
        <translation>在哪里查找</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export the boxes</source>
        <translation>导出框</translation>
    </message>
    <message>
        <source>Find things</source>
        <translation>查找物体</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es)</source>
        <translation>
            <numerusform>%Ln 个框</numerusform>
        </translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>Looking. Photos appear here as they are found.</source>
        <translation>正在查找。找到的照片会陆续显示在这里。</translation>
    </message>
    <message>
        <source>Nothing that is shown is so sure.</source>
        <translation>没有这么确定的结果。</translation>
    </message>
    <message>
        <source>Show the surest</source>
        <translation>显示最确定的</translation>
    </message>
    <message>
        <source>These boxes were taken back.</source>
        <translation>这些框已撤回。</translation>
    </message>
    <message>
        <source>Bring them back</source>
        <translation>恢复它们</translation>
    </message>
    <message numerus="yes">
        <source>None of %Ln photo(s) could be read or reached.</source>
        <translation>
            <numerusform>%Ln 张照片都无法读取或访问。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>None of %Ln photo(s) shows this.</source>
        <translation>
            <numerusform>%Ln 张照片中都没有找到。</numerusform>
        </translation>
    </message>
    <message>
        <source>Look again, less strictly</source>
        <translation>放宽条件再找一次</translation>
    </message>
    <message>
        <source>Choose where to look, then press Find.</source>
        <translation>选择查找范围，然后按“查找”。</translation>
    </message>
    <message>
        <source>Type what to look for, and see where it is on each photo.</source>
        <translation>输入要找的物体，即可看到它在每张照片上的位置。</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Settings pages</source>
        <translation>设置页面</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Watched folders</source>
        <translation>已添加的文件夹</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove from the library; the files stay on disk</source>
        <translation>从图库中移除，文件仍保留在磁盘上</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>忽略项</translation>
    </message>
    <message>
        <source>Files and folders with these names are not looked at. * stands for any letters, ? for one.</source>
        <translation>不查看这些名称的文件和文件夹。* 代表任意字符，? 代表一个字符。</translation>
    </message>
    <message>
        <source>Photosift watches these folders. It changes nothing in them but what you ask for.</source>
        <translation>Photosift 留意这些文件夹的变化。除非你要求，它不会改动其中的任何内容。</translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation>其他程序</translation>
    </message>
    <message>
        <source>Sidecars are small files beside the photos (IMG.xmp) that Lightroom, digiKam and darktable read. Photos themselves are never changed. Of each sidecar of others that is changed the library keeps a copy.</source>
        <translation>附属文件是照片旁的小文件（IMG.xmp），Lightroom、digiKam 和 darktable 都能读取。照片本身绝不会改动。更改其他程序的附属文件前，图库会保留一份副本。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Background work</source>
        <translation>后台处理</translation>
    </message>
    <message>
        <source>Looking at new photos makes the computer busy for a while. Searching works all the time.</source>
        <translation>查看新照片会让电脑忙一阵子，期间搜索始终可用。</translation>
    </message>
    <message>
        <source>This computer has no battery, or does not tell.</source>
        <translation>这台电脑没有电池，或无法得知。</translation>
    </message>
    <message>
        <source>Wait for mains power</source>
        <translation>等待接通电源</translation>
    </message>
    <message>
        <source>On battery new photos are listed but not looked at.</source>
        <translation>使用电池时只列出新照片，不进行查看。</translation>
    </message>
    <message>
        <source>Only when the computer is idle</source>
        <translation>仅在电脑空闲时</translation>
    </message>
    <message>
        <source>Waits while you use Photosift or other programs are busy, and goes on a minute later.</source>
        <translation>您使用 Photosift 或其他程序繁忙时暂停，一分钟后继续。</translation>
    </message>
    <message>
        <source>Compute in 8 bits where it was measured to agree</source>
        <translation>经测量结果一致时使用 8 位计算</translation>
    </message>
    <message>
        <source>Two to three times as fast on many processors. It is measured with your own photos first, and not used where it would find other photos.</source>
        <translation>在许多处理器上快两到三倍。会先用您自己的照片测量，如果找到的照片不同则不使用。</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Another language is used from the next start on.</source>
        <translation>语言更改在下次启动后生效。</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
    <message>
        <source>The defaults fit nearly every computer.</source>
        <translation>默认值适合几乎所有电脑。</translation>
    </message>
    <message>
        <source>Photos per batch</source>
        <translation>每批照片数</translation>
    </message>
    <message>
        <source>How many photos the model looks at in one go. More needs more memory.</source>
        <translation>模型一次查看的照片数。数值越大，占用内存越多。</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Decoder processes</source>
        <translation>解码进程数</translation>
    </message>
    <message>
        <source>How many photos are opened at the same time.</source>
        <translation>同时打开的照片数。</translation>
    </message>
</context>
<context>
    <name>ShortcutHelp</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Searching</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search at once</source>
        <translation>立即搜索</translation>
    </message>
    <message>
        <source>Earlier searches</source>
        <translation>以前的搜索</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清除搜索</translation>
    </message>
    <message>
        <source>Photos similar to this one</source>
        <translation>与这张相似的照片</translation>
    </message>
    <message>
        <source>Find things in photos</source>
        <translation>在照片中查找物体</translation>
    </message>
    <message>
        <source>Why was this found?</source>
        <translation>为什么找到它？</translation>
    </message>
    <message>
        <source>Hide or show weaker matches</source>
        <translation>隐藏或显示较弱的匹配</translation>
    </message>
    <message>
        <source>In the grid</source>
        <translation>在网格中</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Open the photo</source>
        <translation>打开照片</translation>
    </message>
    <message>
        <source>What can be done with it</source>
        <translation>可以对它做什么</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Select none</source>
        <translation>取消选择</translation>
    </message>
    <message>
        <source>Invert the selection</source>
        <translation>反选</translation>
    </message>
    <message>
        <source>Copy the files</source>
        <translation>复制文件</translation>
    </message>
    <message>
        <source>Copy the paths</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Add a tag</source>
        <translation>添加标签</translation>
    </message>
    <message>
        <source>Move it in its album&apos;s order</source>
        <translation>在相册顺序中移动</translation>
    </message>
    <message>
        <source>Alt and arrows</source>
        <translation>Alt 加方向键</translation>
    </message>
    <message>
        <source>In the sidebar</source>
        <translation>在侧栏中</translation>
    </message>
    <message>
        <source>Look for a row</source>
        <translation>查找一行</translation>
    </message>
    <message>
        <source>Letters</source>
        <translation>字母键</translation>
    </message>
    <message>
        <source>Fold, unfold</source>
        <translation>折叠、展开</translation>
    </message>
    <message>
        <source>New tag, new album</source>
        <translation>新建标签、新建相册</translation>
    </message>
    <message>
        <source>Rename a tag or an album</source>
        <translation>重命名标签或相册</translation>
    </message>
    <message>
        <source>Remove it; photos stay</source>
        <translation>移除；照片保留</translation>
    </message>
    <message>
        <source>Move an album in the list</source>
        <translation>在列表中移动相册</translation>
    </message>
    <message>
        <source>To the photos</source>
        <translation>转到照片</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Move to a folder</source>
        <translation>移动到文件夹</translation>
    </message>
    <message>
        <source>Copy to a folder</source>
        <translation>复制到文件夹</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>在所在文件夹中显示</translation>
    </message>
    <message>
        <source>Properties</source>
        <translation>属性</translation>
    </message>
    <message>
        <source>Look elsewhere on it</source>
        <translation>查看画面其他位置</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Shift 加方向键</translation>
    </message>
    <message>
        <source>Compare two to four photos</source>
        <translation>比较两到四张照片</translation>
    </message>
    <message>
        <source>Slideshow</source>
        <translation>幻灯片放映</translation>
    </message>
    <message>
        <source>In a slideshow</source>
        <translation>放映幻灯片时</translation>
    </message>
    <message>
        <source>Pause, or go on</source>
        <translation>暂停或继续</translation>
    </message>
    <message>
        <source>Show each for longer, or less long</source>
        <translation>每张显示更久或更短</translation>
    </message>
    <message>
        <source>End it</source>
        <translation>结束放映</translation>
    </message>
    <message>
        <source>Among compared photos</source>
        <translation>比较照片时</translation>
    </message>
    <message>
        <source>Which one is meant</source>
        <translation>选择其中一张</translation>
    </message>
    <message>
        <source>Another photo in its place</source>
        <translation>换成另一张照片</translation>
    </message>
    <message>
        <source>Move all together, or each alone</source>
        <translation>一起移动或各自移动</translation>
    </message>
    <message>
        <source>Look at it alone</source>
        <translation>单独查看</translation>
    </message>
    <message>
        <source>On a photo with its things</source>
        <translation>在标有物体的照片上</translation>
    </message>
    <message>
        <source>Next box, previous box</source>
        <translation>下一个框，上一个框</translation>
    </message>
    <message>
        <source>What to look for</source>
        <translation>要查找什么</translation>
    </message>
    <message>
        <source>More boxes, or surer ones</source>
        <translation>更多的框，或更确定的框</translation>
    </message>
    <message>
        <source>The same for the label of the box</source>
        <translation>对框的标注同样如此</translation>
    </message>
    <message>
        <source>Move or size the box with the arrows</source>
        <translation>用方向键移动框或调整大小</translation>
    </message>
    <message>
        <source>Change the label</source>
        <translation>更改标注</translation>
    </message>
    <message>
        <source>Keep the box, or all</source>
        <translation>保留此框，或全部</translation>
    </message>
    <message>
        <source>Hide its label, or delete it</source>
        <translation>隐藏其标注，或删除</translation>
    </message>
    <message>
        <source>Photos similar to what is in the box</source>
        <translation>与框中内容相似的照片</translation>
    </message>
    <message>
        <source>The same thing in the other photos</source>
        <translation>其他照片中的同一物体</translation>
    </message>
    <message>
        <source>Copy what is in the box</source>
        <translation>复制框中的内容</translation>
    </message>
    <message>
        <source>In the preview of a sort</source>
        <translation>整理预览</translation>
    </message>
    <message>
        <source>Search with a picture</source>
        <translation>用图片搜索</translation>
    </message>
    <message>
        <source>Save the search</source>
        <translation>保存搜索</translation>
    </message>
    <message>
        <source>Add this photo to the search</source>
        <translation>将此照片加入搜索</translation>
    </message>
    <message>
        <source>0 to 5</source>
        <translation>0 到 5</translation>
    </message>
    <message>
        <source>Stars, in the viewer too</source>
        <translation>星级，查看照片时也可用</translation>
    </message>
    <message>
        <source>Pick or reject</source>
        <translation>留用或弃用</translation>
    </message>
    <message>
        <source>Neither of them</source>
        <translation>清除留用和弃用</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>New album</source>
        <translation>新建相册</translation>
    </message>
    <message>
        <source>1 to 9</source>
        <translation>1 到 9</translation>
    </message>
    <message>
        <source>Put into the group of this number</source>
        <translation>放入该编号的分组</translation>
    </message>
    <message>
        <source>Let it stay where it is</source>
        <translation>留在原处</translation>
    </message>
    <message>
        <source>Choose the group</source>
        <translation>选择分组</translation>
    </message>
    <message>
        <source>In the viewer</source>
        <translation>在查看器中</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>下一张</translation>
    </message>
    <message>
        <source>Previous photo</source>
        <translation>上一张</translation>
    </message>
    <message>
        <source>100 %, or fit</source>
        <translation>100% 或适合窗口</translation>
    </message>
    <message>
        <source>+, -, wheel</source>
        <translation>+、-、滚轮</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Show or hide boxes</source>
        <translation>显示或隐藏框</translation>
    </message>
    <message>
        <source>Search with a part of it</source>
        <translation>用其中一部分搜索</translation>
    </message>
    <message>
        <source>Back to the grid</source>
        <translation>返回网格</translation>
    </message>
    <message>
        <source>Draw a box; arrows move, Shift sizes it</source>
        <translation>画框；方向键移动，按 Shift 改变大小</translation>
    </message>
    <message>
        <source>In the review</source>
        <translation>审阅时</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Accept all that reach the cut</source>
        <translation>接受所有达到门槛的</translation>
    </message>
    <message>
        <source>Among duplicates</source>
        <translation>重复照片</translation>
    </message>
    <message>
        <source>Next group</source>
        <translation>下一组</translation>
    </message>
    <message>
        <source>Let this one stay</source>
        <translation>保留这一张</translation>
    </message>
    <message>
        <source>Mark for the trash</source>
        <translation>标记为移走</translation>
    </message>
    <message>
        <source>Not duplicates</source>
        <translation>不是重复照片</translation>
    </message>
    <message>
        <source>1 to 4</source>
        <translation>1 到 4</translation>
    </message>
    <message>
        <source>Ways to compare</source>
        <translation>比较方式</translation>
    </message>
    <message>
        <source>Flick between the two</source>
        <translation>在两张之间切换</translation>
    </message>
    <message>
        <source>In the trash</source>
        <translation>在回收站中</translation>
    </message>
    <message>
        <source>Put back what is selected</source>
        <translation>放回所选照片</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Review suggestions</source>
        <translation>审阅建议</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>分类</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复照片</translation>
    </message>
    <message>
        <source>Show or hide the sidebar</source>
        <translation>显示或隐藏侧栏</translation>
    </message>
    <message>
        <source>Show or hide the details</source>
        <translation>显示或隐藏详细信息</translation>
    </message>
    <message>
        <source>Size of the thumbnails</source>
        <translation>缩略图大小</translation>
    </message>
    <message>
        <source>Ctrl+wheel, Ctrl++, Ctrl+-</source>
        <translation>Ctrl+滚轮、Ctrl++、Ctrl+-</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>添加文件夹</translation>
    </message>
    <message>
        <source>Look for changes</source>
        <translation>检查更改</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>This help</source>
        <translation>本帮助</translation>
    </message>
    <message>
        <source>{} or {}</source>
        <translation>{} 或 {}</translation>
    </message>
</context>
<context>
    <name>ShowStrip</name>
    <message>
        <source>Slideshow</source>
        <translation>幻灯片放映</translation>
    </message>
    <message>
        <source>Previous photo (Left)</source>
        <translation>上一张 (左)</translation>
    </message>
    <message>
        <source>Next photo (Right)</source>
        <translation>下一张 (右)</translation>
    </message>
    <message>
        <source>Show each for less long (-)</source>
        <translation>缩短每张显示时间 (-)</translation>
    </message>
    <message>
        <source>Show each for longer (+)</source>
        <translation>延长每张显示时间 (+)</translation>
    </message>
    <message>
        <source>End the slideshow (Esc)</source>
        <translation>结束放映 (Esc)</translation>
    </message>
    <message>
        <source>Go on (Space)</source>
        <translation>继续 (空格)</translation>
    </message>
    <message>
        <source>Pause (Space)</source>
        <translation>暂停 (空格)</translation>
    </message>
    <message numerus="yes">
        <source>%Ln s</source>
        <comment>seconds</comment>
        <translation>
            <numerusform>%Ln 秒</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>正在查找</translation>
    </message>
    <message>
        <source>Draw a box</source>
        <translation>画框</translation>
    </message>
    <message>
        <source>Drag around a thing, or press D and move the box with the arrow keys</source>
        <translation>拖动框住一个物体，或按 D 并用方向键移动框</translation>
    </message>
    <message>
        <source>Keep all boxes shown (Ctrl+Return)</source>
        <translation>保留所有显示的框 (Ctrl+Return)</translation>
    </message>
    <message>
        <source>Keep the boxes</source>
        <translation>保留这些框</translation>
    </message>
    <message numerus="yes">
        <source>%Ln thing(s)</source>
        <translation>
            <numerusform>%Ln 个物体</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>Things</source>
        <translation>物体</translation>
    </message>
    <message numerus="yes">
        <source>Keep %Ln box(es)</source>
        <translation>
            <numerusform>保留 %Ln 个框</numerusform>
        </translation>
    </message>
    <message>
        <source>Look for “%1”</source>
        <translation>查找“%1”</translation>
    </message>
    <message>
        <source>%1 is not seen here.</source>
        <translation>这里没有看到%1。</translation>
    </message>
    <message>
        <source>None of these is seen here.</source>
        <translation>这里没有看到其中任何一个。</translation>
    </message>
    <message>
        <source>Try other words, or draw the box yourself.</source>
        <translation>换一种说法，或自己画框。</translation>
    </message>
    <message>
        <source>The best below the threshold: %1, %2</source>
        <translation>低于阈值中最好的：%1，%2</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>显示它</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Add folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Add folder</source>
        <translation>添加文件夹</translation>
    </message>
    <message>
        <source>Watch another folder; its photos stay where they are (Ctrl+O)</source>
        <translation>再添加一个文件夹，其中的照片留在原处 (Ctrl+O)</translation>
    </message>
    <message>
        <source>New album…</source>
        <translation>新建相册…</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>新建标签…</translation>
    </message>
    <message>
        <source>Review its suggestions</source>
        <translation>审阅它的建议</translation>
    </message>
    <message>
        <source>Show its photos</source>
        <translation>显示它的照片</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>编辑…</translation>
    </message>
    <message>
        <source>Look for changes now</source>
        <translation>立即检查更改</translation>
    </message>
    <message>
        <source>These photos were deleted</source>
        <translation>这些照片已删除</translation>
    </message>
    <message>
        <source>Stop waiting for them. If the files come back, so do their entries.</source>
        <translation>不再等待这些照片。文件恢复后，对应条目也会恢复。</translation>
    </message>
    <message>
        <source>Remove from the library (files stay on disk)</source>
        <translation>从图库中移除（文件保留在磁盘上）</translation>
    </message>
    <message>
        <source>Without a date</source>
        <translation>没有日期</translation>
    </message>
    <message>
        <source>They say no date; the time of their file stands in for it.</source>
        <translation>这些照片没有记录日期，以文件时间代替。</translation>
    </message>
    <message>
        <source>Within %1 km of it</source>
        <translation>%1 公里以内</translation>
    </message>
    <message>
        <source>Show on map</source>
        <translation>在地图上显示</translation>
    </message>
    <message>
        <source>Opens openstreetmap.org in your browser, with this place</source>
        <translation>在浏览器中打开 openstreetmap.org 并显示此地点</translation>
    </message>
</context>
<context>
    <name>SidebarDesk</name>
    <message>
        <source>New album…</source>
        <translation>新建相册…</translation>
    </message>
</context>
<context>
    <name>SidebarTags</name>
    <message>
        <source>New tag</source>
        <translation>新建标签</translation>
    </message>
    <message>
        <source>Family, or Places/Italy</source>
        <translation>家人，或 地点/意大利</translation>
    </message>
    <message>
        <source>Rename “%1”</source>
        <translation>重命名“%1”</translation>
    </message>
    <message>
        <source>Move “%1” below</source>
        <translation>将“%1”移到哪个标签之下</translation>
    </message>
    <message>
        <source>Nothing: to the top</source>
        <translation>无：移到顶层</translation>
    </message>
    <message>
        <source>Merge “%1” into</source>
        <translation>将“%1”合并到哪个标签</translation>
    </message>
    <message>
        <source>There is such a tag already.</source>
        <translation>已有这个标签。</translation>
    </message>
    <message>
        <source>“/” puts it below another: Places/Italy</source>
        <translation>用“/”放到另一标签之下：地点/意大利</translation>
    </message>
    <message>
        <source>A tag cannot lie below itself.</source>
        <translation>标签不能放在自己之下。</translation>
    </message>
    <message>
        <source>There is no such tag.</source>
        <translation>没有这个标签。</translation>
    </message>
    <message>
        <source>A tag cannot be merged with one below it.</source>
        <translation>标签不能与其下级标签合并。</translation>
    </message>
    <message>
        <source>Counting…</source>
        <translation>正在计数…</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) get “%1” instead</source>
        <translation>
            <numerusform>%Ln 张照片将改为“%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>; %Ln have it already</source>
        <translation>
            <numerusform>；%Ln 张已有</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) have “%1” already</source>
        <translation>
            <numerusform>%Ln 张照片已有“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>Tag “%1” made</source>
        <translation>标签“%1”已建立</translation>
    </message>
    <message>
        <source>“%1” is “%2” now</source>
        <translation>“%1”现在是“%2”</translation>
    </message>
    <message>
        <source>“%1” merged into “%2”</source>
        <translation>“%1”已合并到“%2”</translation>
    </message>
    <message>
        <source>Colour of “%1” changed</source>
        <translation>“%1”的颜色已更改</translation>
    </message>
    <message numerus="yes">
        <source>Tag “%1” removed from %Ln photo(s)</source>
        <translation>
            <numerusform>已从 %Ln 张照片移除标签“%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove from %Ln photo(s)</source>
        <translation>
            <numerusform>从 %Ln 张照片移除</numerusform>
        </translation>
    </message>
    <message>
        <source>New tag below…</source>
        <translation>新建下级标签…</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Move below…</source>
        <translation>移到其下…</translation>
    </message>
    <message>
        <source>Merge into…</source>
        <translation>合并到…</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>新建标签…</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿</translation>
    </message>
    <message>
        <source>Teal</source>
        <translation>青</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>紫</translation>
    </message>
    <message>
        <source>Pink</source>
        <translation>粉</translation>
    </message>
</context>
<context>
    <name>SidebarTree</name>
    <message>
        <source>Folders, albums, tags and times</source>
        <translation>文件夹、相册、标签和时间</translation>
    </message>
</context>
<context>
    <name>SidecarWork</name>
    <message>
        <source>Writing sidecars</source>
        <translation>正在写入附属文件</translation>
    </message>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written.</source>
        <translation>
            <numerusform>%Ln 个附属文件无法写入。</numerusform>
        </translation>
    </message>
    <message>
        <source>The sidecar %1 %2.</source>
        <translation>附属文件 %1 %2。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>SidecarsPage</name>
    <message>
        <source>Write what I say of photos into sidecars</source>
        <translation>把我为照片添加的信息写入附属文件</translation>
    </message>
    <message>
        <source>Tags that you gave or accepted, stars, rejects (as −1 star), captions and titles. Never what was only suggested.</source>
        <translation>你添加或接受的标签、星级、弃用（记为 −1 星）、说明和标题。仅是建议的从不写入。</translation>
    </message>
    <message>
        <source>IMG.CR2.xmp, as digiKam and darktable do</source>
        <translation>IMG.CR2.xmp，与 digiKam 和 darktable 相同</translation>
    </message>
    <message>
        <source>IMG.xmp, as Lightroom does</source>
        <translation>IMG.xmp，与 Lightroom 相同</translation>
    </message>
    <message>
        <source>Name of a new sidecar</source>
        <translation>新附属文件的名称</translation>
    </message>
    <message>
        <source>A sidecar that is there keeps its name, and all that others wrote in it.</source>
        <translation>已有的附属文件名称不变，其他程序写入的内容也全部保留。</translation>
    </message>
    <message>
        <source>Begin with what I have said so far</source>
        <translation>从至今已有的信息开始</translation>
    </message>
    <message numerus="yes">
        <source>Begin with what I have said so far of %Ln photo(s)</source>
        <translation>
            <numerusform>从至今为 %Ln 张照片添加的信息开始</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are still to be written.</source>
        <translation>
            <numerusform>还有 %Ln 张照片待写入。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The sidecars of %Ln photo(s) are written.</source>
        <translation>
            <numerusform>%Ln 张照片的附属文件已写入。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written: see Problems.</source>
        <translation>
            <numerusform>%Ln 个附属文件无法写入，见“问题”。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SortDesk</name>
    <message>
        <source>The last sort was stopped in the middle.</source>
        <translation>上一次整理中途停止了。</translation>
    </message>
    <message>
        <source>The last sort was taken back only in part.</source>
        <translation>上一次整理只撤回了一部分。</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
</context>
<context>
    <name>SortNotes</name>
    <message>
        <source>%1 is a link; the photos go to %2.</source>
        <translation>%1 是链接；照片会放到 %2。</translation>
    </message>
    <message>
        <source>%1 is watched: what is put there is in the library too.</source>
        <translation>%1 在图库中：放到那里的照片也会出现在图库里。</translation>
    </message>
    <message>
        <source>%1 is not watched: moved photos leave the library, until they are taken back or the folder is added.</source>
        <translation>%1 不在图库中：移走的照片会离开图库，直到撤回或添加该文件夹。</translation>
    </message>
    <message>
        <source>%1 is not watched: what is put there is not shown in the library.</source>
        <translation>%1 不在图库中：放到那里的照片不会出现在图库里。</translation>
    </message>
    <message>
        <source>%1 belongs to the library&apos;s own data; photos cannot be put there.</source>
        <translation>%1 属于图库自己的数据，不能存放照片。</translation>
    </message>
    <message>
        <source>%1 is not a folder.</source>
        <translation>%1 不是文件夹。</translation>
    </message>
    <message>
        <source>%1 cannot be written to.</source>
        <translation>%1 无法写入。</translation>
    </message>
    <message>
        <source>%1 is not there. Is its drive connected? Nothing was begun.</source>
        <translation>%1 不存在。磁盘是否已连接？没有开始任何操作。</translation>
    </message>
    <message>
        <source>It was stopped. Photos not tried: %1.</source>
        <translation>已停止。尚未处理的照片：%1。</translation>
    </message>
    <message>
        <source>Photos left where they are: %1.</source>
        <translation>保留在原处的照片：%1。</translation>
    </message>
    <message>
        <source>It was interrupted.</source>
        <translation>已中断。</translation>
    </message>
    <message>
        <source>Photos are being sorted already.</source>
        <translation>正在整理照片。</translation>
    </message>
    <message>
        <source>It was changed since.</source>
        <translation>之后被改动过。</translation>
    </message>
    <message>
        <source>It was changed since it was looked at.</source>
        <translation>查看之后被改动过。</translation>
    </message>
    <message>
        <source>It is being changed right now.</source>
        <translation>正在被改动。</translation>
    </message>
    <message>
        <source>It is not there any more.</source>
        <translation>已不存在。</translation>
    </message>
    <message>
        <source>It is the photo itself.</source>
        <translation>就是照片本身。</translation>
    </message>
    <message>
        <source>Its name is taken there.</source>
        <translation>那里已有同名文件。</translation>
    </message>
    <message>
        <source>Another file lies at its old place.</source>
        <translation>原来的位置上有另一个文件。</translation>
    </message>
    <message>
        <source>The photo that it was made from is gone.</source>
        <translation>它所复制的原照片已不存在。</translation>
    </message>
    <message>
        <source>The photo that it was made from was changed.</source>
        <translation>它所复制的原照片已被改动。</translation>
    </message>
    <message>
        <source>Its old folder is not there. Is its drive connected?</source>
        <translation>原来的文件夹不存在。磁盘是否已连接？</translation>
    </message>
    <message>
        <source>It was moved on by sort number %1; take that one back first.</source>
        <translation>它又被第 %1 次整理移动过；请先撤回那一次。</translation>
    </message>
</context>
<context>
    <name>SortRunRow</name>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>撤回</translation>
    </message>
</context>
<context>
    <name>SortView</name>
    <message>
        <source>Photos of the group</source>
        <translation>分组中的照片</translation>
    </message>
</context>
<context>
    <name>SortWords</name>
    <message>
        <source>No photo goes anywhere</source>
        <translation>没有照片会移动</translation>
    </message>
    <message numerus="yes">
        <source>into %Ln album(s)</source>
        <translation>
            <numerusform>%Ln 个相册</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>into %Ln folder(s)</source>
        <translation>
            <numerusform>%Ln 个文件夹</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) %1</source>
        <translation>
            <numerusform>%Ln 张照片放入 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing to copy</source>
        <translation>没有可复制的</translation>
    </message>
    <message>
        <source>Nothing to move</source>
        <translation>没有可移动的</translation>
    </message>
    <message>
        <source>Nothing to link</source>
        <translation>没有可链接的</translation>
    </message>
    <message>
        <source>Nothing for albums</source>
        <translation>没有可放入相册的</translation>
    </message>
    <message numerus="yes">
        <source>Put %Ln photo(s) %1</source>
        <translation>
            <numerusform>把 %Ln 张照片放入 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Copy %Ln photo(s) %1</source>
        <translation>
            <numerusform>复制 %Ln 张照片到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) %1</source>
        <translation>
            <numerusform>移动 %Ln 张照片到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Link %Ln photo(s) %1</source>
        <translation>
            <numerusform>链接 %Ln 张照片到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln companion file(s)</source>
        <translation>
            <numerusform>%Ln 个附属文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) stay where they are</source>
        <translation>
            <numerusform>%Ln 张照片留在原处</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to “%1”</source>
        <translation>
            <numerusform>%Ln 张照片已移到“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>fits none of these</source>
        <translation>都不符合</translation>
    </message>
    <message>
        <source>margin %1 %</source>
        <translation>差距 %1 %</translation>
    </message>
    <message>
        <source>none of these</source>
        <translation>都不是</translation>
    </message>
    <message>
        <source>Goes as “%1”: another file has its name there.</source>
        <translation>将命名为“%1”：那里已有同名文件。</translation>
    </message>
    <message>
        <source>Goes as “%1”: another photo of this sort has its name.</source>
        <translation>将命名为“%1”：本次整理中有同名照片。</translation>
    </message>
    <message>
        <source>Stays: the same photo is there already, as “%1”.</source>
        <translation>留在原处：那里已有同一张照片“%1”。</translation>
    </message>
    <message>
        <source>Stays: it lies in that folder already.</source>
        <translation>留在原处：已在该文件夹中。</translation>
    </message>
    <message>
        <source>Stays: its drive or folder is not there.</source>
        <translation>留在原处：磁盘或文件夹不存在。</translation>
    </message>
    <message>
        <source>Stays: its file is not there any more.</source>
        <translation>留在原处：文件已不存在。</translation>
    </message>
    <message>
        <source>Stays: a link cannot lead to another disk.</source>
        <translation>留在原处：硬链接不能跨磁盘。</translation>
    </message>
    <message>
        <source>Stays: %1</source>
        <translation>留在原处：%1</translation>
    </message>
    <message>
        <source>gets a number</source>
        <translation>会加编号</translation>
    </message>
    <message>
        <source>already there</source>
        <translation>已在那里</translation>
    </message>
    <message>
        <source>in place</source>
        <translation>已在位置</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>not readable</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>other disk</source>
        <translation>其他磁盘</translation>
    </message>
    <message>
        <source>folder refused</source>
        <translation>文件夹不可用</translation>
    </message>
    <message>
        <source>Copying photos</source>
        <translation>正在复制照片</translation>
    </message>
    <message>
        <source>Moving photos</source>
        <translation>正在移动照片</translation>
    </message>
    <message>
        <source>Linking photos</source>
        <translation>正在链接照片</translation>
    </message>
    <message>
        <source>Filling albums</source>
        <translation>正在放入相册</translation>
    </message>
    <message>
        <source>Taking back the sort</source>
        <translation>正在撤回整理</translation>
    </message>
    <message>
        <source>Photos are being sorted already. Wait until that is done, or stop it.</source>
        <translation>正在整理照片。请等待完成，或将其停止。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) put %1</source>
        <translation>
            <numerusform>%Ln 张照片已放入 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) copied %1</source>
        <translation>
            <numerusform>%Ln 张照片已复制到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved %1</source>
        <translation>
            <numerusform>%Ln 张照片已移动到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) linked %1</source>
        <translation>
            <numerusform>%Ln 张照片已链接到 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) taken back</source>
        <translation>
            <numerusform>已撤回 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left where they are</source>
        <translation>
            <numerusform>%Ln 张保留在原处</numerusform>
        </translation>
    </message>
    <message>
        <source>No photo was sorted</source>
        <translation>没有整理任何照片</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>taken back in part</source>
        <translation>已部分撤回</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤回</translation>
    </message>
    <message>
        <source>Copied into %1</source>
        <translation>复制到 %1</translation>
    </message>
    <message>
        <source>Moved into %1</source>
        <translation>移动到 %1</translation>
    </message>
    <message>
        <source>Linked into %1</source>
        <translation>链接到 %1</translation>
    </message>
    <message>
        <source>Put into albums</source>
        <translation>放入相册</translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) still there</source>
        <translation>
            <numerusform>%Ln 个文件仍在那里</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln 个文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln back</source>
        <translation>
            <numerusform>%Ln 个已撤回</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not tried</source>
        <translation>
            <numerusform>%Ln 个未处理</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <translation>
            <numerusform>%Ln 个未整理</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SortingPage</name>
    <message>
        <source>Photos are sorted by categories, and there are none yet.</source>
        <translation>照片按类别整理，而现在还没有类别。</translation>
    </message>
    <message>
        <source>Choose categories</source>
        <translation>选择类别</translation>
    </message>
    <message>
        <source>Sort into folders</source>
        <translation>整理到文件夹</translation>
    </message>
    <message>
        <source>What was sorted</source>
        <translation>整理记录</translation>
    </message>
    <message>
        <source>All sorts so far, to look at and to take back</source>
        <translation>到目前为止的所有整理，可查看、可撤回</translation>
    </message>
    <message>
        <source>Change the rule</source>
        <translation>更改规则</translation>
    </message>
    <message>
        <source>Sort photos</source>
        <translation>整理照片</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Photos in the library</source>
        <translation>图库中的照片</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>More running jobs</source>
        <translation>更多正在进行的任务</translation>
    </message>
    <message>
        <source>Thumbnail size</source>
        <translation>缩略图大小</translation>
    </message>
    <message>
        <source>Thumbnail size (Ctrl+mouse wheel)</source>
        <translation>缩略图大小（Ctrl+鼠标滚轮）</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>已选 %Ln 张</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not searchable yet</source>
        <translation>
            <numerusform>%Ln 张尚不能搜索</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln offline</source>
        <translation>
            <numerusform>%Ln 张离线</numerusform>
        </translation>
    </message>
    <message>
        <source>Get a better model</source>
        <translation>获取更好的模型</translation>
    </message>
    <message>
        <source>%1: %2 of %3</source>
        <translation>%1：%2 / %3</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>The demo model knows the demo&apos;s things, not the world</source>
        <translation>演示模型只认识演示中的事物，不认识真实世界</translation>
    </message>
    <message>
        <source>Choose a model that knows the world; it is downloaded once, then works offline</source>
        <translation>选择一个认识真实世界的模型；只需下载一次，之后可离线使用</translation>
    </message>
    <message>
        <source>Preparing %1</source>
        <translation>正在准备 %1</translation>
    </message>
    <message>
        <source>search still uses %1</source>
        <translation>搜索仍使用 %1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>还有 %Ln 项</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StrictnessPopup</name>
    <message>
        <source>How strict the search is</source>
        <translation>搜索的严格程度</translation>
    </message>
    <message>
        <source>Whatever may fit</source>
        <translation>可能符合的都算</translation>
    </message>
    <message>
        <source>Only what surely does</source>
        <translation>只要确实符合的</translation>
    </message>
    <message>
        <source>What counts as a match</source>
        <translation>怎样算匹配</translation>
    </message>
</context>
<context>
    <name>SuggestionsTab</name>
    <message>
        <source>Category</source>
        <translation>分类</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>顺序</translation>
    </message>
    <message>
        <source>Most informative first</source>
        <translation>最能学到东西的在前</translation>
    </message>
    <message>
        <source>Best first</source>
        <translation>最匹配的在前</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Change the words of this category</source>
        <translation>修改这个分类的文字</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>All categories</source>
        <translation>所有分类</translation>
    </message>
    <message numerus="yes">
        <source>%Ln accepted</source>
        <translation>
            <numerusform>接受 %Ln</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln rejected</source>
        <translation>
            <numerusform>拒绝 %Ln</numerusform>
        </translation>
    </message>
    <message>
        <source>There is no category that suggests photos yet.</source>
        <translation>还没有会建议照片的分类。</translation>
    </message>
    <message>
        <source>Categories…</source>
        <translation>分类…</translation>
    </message>
    <message>
        <source>Only skipped photos are left.</source>
        <translation>只剩下跳过的照片。</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>显示它们</translation>
    </message>
    <message>
        <source>Every suggestion for “%1” is answered.</source>
        <translation>“%1”的建议都已回答。</translation>
    </message>
    <message>
        <source>Show its photos</source>
        <translation>显示它的照片</translation>
    </message>
    <message>
        <source>Every suggestion is answered.</source>
        <translation>所有建议都已回答。</translation>
    </message>
</context>
<context>
    <name>TagDesk</name>
    <message>
        <source>No category is automatic yet; their suggestions wait for review.</source>
        <translation>还没有自动的分类；它们的建议等待审阅。</translation>
    </message>
    <message>
        <source>Categories…</source>
        <translation>分类…</translation>
    </message>
</context>
<context>
    <name>TagPopup</name>
    <message>
        <source>Family, or Places/Italy</source>
        <translation>家人，或 地点/意大利</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message numerus="yes">
        <source>Tag %Ln photo(s)</source>
        <translation>
            <numerusform>为 %Ln 张照片加标签</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TagSection</name>
    <message>
        <source>Add a tag</source>
        <translation>添加标签</translation>
    </message>
    <message>
        <source>Scores of all categories</source>
        <translation>所有分类的得分</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Take “%1” off</source>
        <translation>取下“%1”</translation>
    </message>
    <message>
        <source>Show all photos with this tag</source>
        <translation>显示有此标签的所有照片</translation>
    </message>
    <message>
        <source>suggested, %1</source>
        <translation>建议，%1</translation>
    </message>
    <message>
        <source>Accept “%1”</source>
        <translation>接受“%1”</translation>
    </message>
    <message>
        <source>Reject “%1”</source>
        <translation>拒绝“%1”</translation>
    </message>
</context>
<context>
    <name>TagWork</name>
    <message numerus="yes">
        <source>%Ln answer(s) taken back</source>
        <translation>
            <numerusform>收回 %Ln 个回答</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) accepted</source>
        <translation>
            <numerusform>已接受 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rejected</source>
        <translation>
            <numerusform>已拒绝 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) tagged “%1”</source>
        <translation>
            <numerusform>已为 %Ln 张照片加上“%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>“%1” taken off %Ln photo(s)</source>
        <translation>
            <numerusform>已从 %Ln 张照片取下“%1”</numerusform>
        </translation>
    </message>
    <message>
        <source>1 photo tagged “%1” instead of “%2”</source>
        <translation>1 张照片的标签由“%2”改为“%1”</translation>
    </message>
    <message>
        <source>Answers to “%1” forgotten</source>
        <translation>已忘记对“%1”的回答</translation>
    </message>
    <message>
        <source>“%1” added</source>
        <translation>已添加“%1”</translation>
    </message>
    <message>
        <source>“%1” is called “%2” now</source>
        <translation>“%1”已改名为“%2”</translation>
    </message>
    <message>
        <source>“%1” changed</source>
        <translation>已更改“%1”</translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s) added to “%1”</source>
        <translation>
            <numerusform>已为“%1”添加 %Ln 个示例</numerusform>
        </translation>
    </message>
    <message>
        <source>Example taken from “%1”</source>
        <translation>已从“%1”移除一个示例</translation>
    </message>
    <message>
        <source>“%1” learns its cut again</source>
        <translation>“%1”重新自学门槛</translation>
    </message>
    <message>
        <source>Cut of “%1” moved to %2</source>
        <translation>“%1”的门槛移到 %2</translation>
    </message>
    <message>
        <source>“%1” removed; its tags stay</source>
        <translation>已移除“%1”；标签保留</translation>
    </message>
    <message>
        <source>Set “%1” added</source>
        <translation>已添加分类组“%1”</translation>
    </message>
    <message>
        <source>Set “%1” changed</source>
        <translation>已更改分类组“%1”</translation>
    </message>
    <message>
        <source>Set “%1” removed; its tags stay</source>
        <translation>已移除分类组“%1”；标签保留</translation>
    </message>
    <message>
        <source>Tagging photos</source>
        <translation>正在为照片加标签</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tag(s) put on photos</source>
        <translation>
            <numerusform>已为照片加上 %Ln 个标签</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln suggestion(s) wait for you</source>
        <translation>
            <numerusform>有 %Ln 条建议等你审阅</numerusform>
        </translation>
    </message>
    <message>
        <source>Every photo has its tags already.</source>
        <translation>每张照片都已有标签。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tag(s) taken back</source>
        <translation>
            <numerusform>已收回 %Ln 个标签</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>New photos: %Ln tag(s) put on them</source>
        <translation>
            <numerusform>新照片：已加上 %Ln 个标签</numerusform>
        </translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>收回</translation>
    </message>
</context>
<context>
    <name>Tags</name>
    <message>
        <source>%1 %</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>%1 of 10</source>
        <translation>10 张中 %1 张</translation>
    </message>
    <message>
        <source>No photo reaches this cut.</source>
        <translation>没有照片达到这个门槛。</translation>
    </message>
    <message>
        <source>By its words alone: about %1 right</source>
        <translation>仅凭文字：大约 %1 正确</translation>
    </message>
    <message>
        <source>About %1 right, based on 1 answer</source>
        <translation>大约 %1 正确，依据 1 个回答</translation>
    </message>
    <message>
        <source>About %1 right, based on %2 answers</source>
        <translation>大约 %1 正确，依据 %2 个回答</translation>
    </message>
    <message>
        <source>finds about %1 of those there are</source>
        <translation>应有的照片大约能找到 %1</translation>
    </message>
    <message>
        <source>Goes by its words alone so far.</source>
        <translation>目前只按文字判断。</translation>
    </message>
    <message>
        <source>The cut follows your answers.</source>
        <translation>门槛随你的回答调整。</translation>
    </message>
    <message>
        <source>Has learned what the photos you accepted have in common.</source>
        <translation>已学到你接受的照片的共同点。</translation>
    </message>
    <message>
        <source>you</source>
        <translation>你</translation>
    </message>
    <message>
        <source>the file itself</source>
        <translation>文件自带</translation>
    </message>
    <message>
        <source>detected</source>
        <translation>检测到</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>ThingList</name>
    <message>
        <source>Things on the photo</source>
        <translation>照片上的物体</translation>
    </message>
    <message>
        <source>Show or hide these boxes (H)</source>
        <translation>显示或隐藏这些框 (H)</translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln box(es)</source>
        <translation>
            <numerusform>%1，%Ln 个框</numerusform>
        </translation>
    </message>
    <message>
        <source>Yours</source>
        <translation>你的</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>已保留</translation>
    </message>
</context>
<context>
    <name>ThingRow</name>
    <message>
        <source>Show its box on the photo</source>
        <translation>在照片上显示它的框</translation>
    </message>
    <message>
        <source>Find photos like this “%1”</source>
        <translation>查找与此“%1”相似的照片</translation>
    </message>
    <message>
        <source>Find all photos with “%1”</source>
        <translation>查找所有含“%1”的照片</translation>
    </message>
</context>
<context>
    <name>ThresholdRow</name>
    <message>
        <source>How sure it must be</source>
        <translation>需要多大把握</translation>
    </message>
    <message>
        <source>Left: more photos go. Right: only the surest go.</source>
        <translation>向左：更多照片。向右：只有最有把握的。</translation>
    </message>
    <message>
        <source>Use the categories&apos; own cuts</source>
        <translation>使用各类别自己的门槛</translation>
    </message>
    <message>
        <source>each category&apos;s own cut</source>
        <translation>各类别自己的门槛</translation>
    </message>
</context>
<context>
    <name>ThresholdSlider</name>
    <message>
        <source>How sure it must be</source>
        <translation>需要多确定</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>推荐值</translation>
    </message>
    <message>
        <source>Left: more boxes. Right: only the surest. Keys: [ and ]</source>
        <translation>左：更多的框。右：只要最确定的。按键：[ 和 ]</translation>
    </message>
    <message>
        <source>A slider for each label</source>
        <translation>每个标注一个滑块</translation>
    </message>
    <message>
        <source>Recommended: %1</source>
        <translation>推荐值：%1</translation>
    </message>
</context>
<context>
    <name>TrashPage</name>
    <message>
        <source>Photos in the trash</source>
        <translation>回收站中的照片</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Nothing that you moved to the trash from here is in it.</source>
        <translation>回收站中没有你从这里移走的照片。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2 · emptying the trash is your desktop&apos;s business</source>
        <translation>%1，%2 · 清空回收站由系统桌面负责</translation>
    </message>
    <message numerus="yes">
        <source>Put %Ln photo(s) back</source>
        <translation>
            <numerusform>放回 %Ln 张照片</numerusform>
        </translation>
    </message>
    <message>
        <source>Put back</source>
        <translation>放回</translation>
    </message>
    <message>
        <source>To where they were, with all that was known of them (Enter)</source>
        <translation>放回原处，并恢复所有信息 (回车)</translation>
    </message>
    <message>
        <source>Duplicates come back together with all that were cleared with them</source>
        <translation>重复照片会与同时清理的照片一起放回</translation>
    </message>
</context>
<context>
    <name>TrashTable</name>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Where it was</source>
        <translation>原位置</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>%1, from %2</source>
        <translation>%1，原在 %2</translation>
    </message>
    <message>
        <source>duplicate</source>
        <translation>重复照片</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more file(s)</source>
        <translation>
            <numerusform>以及另外 %Ln 个文件</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>This photo is on a drive that is offline. This is its preview.</source>
        <translation>这张照片所在的磁盘未连接，这里显示的是它的预览。</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} / {}</translation>
    </message>
</context>
<context>
    <name>ViewerBar</name>
    <message>
        <source>Back to the grid (Esc)</source>
        <translation>返回网格 (Esc)</translation>
    </message>
    <message>
        <source>Previous photo (Left)</source>
        <translation>上一张 (左)</translation>
    </message>
    <message>
        <source>Next photo (Right)</source>
        <translation>下一张 (右)</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小 (-)</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Fit or 100 % (Z)</source>
        <translation>适合窗口或 100 % (Z)</translation>
    </message>
    <message>
        <source>Slideshow (F5)</source>
        <translation>幻灯片放映 (F5)</translation>
    </message>
    <message>
        <source>Compare with the next photo (C)</source>
        <translation>与下一张比较 (C)</translation>
    </message>
    <message>
        <source>Find things (Ctrl+B)</source>
        <translation>查找物体 (Ctrl+B)</translation>
    </message>
    <message>
        <source>Search with a part (R)</source>
        <translation>用一部分搜索 (R)</translation>
    </message>
    <message>
        <source>Full screen (F)</source>
        <translation>全屏 (F)</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
</context>
<context>
    <name>WhyPopup</name>
    <message>
        <source>Why “%1” was found</source>
        <translation>为什么找到“%1”</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查看…</translation>
    </message>
    <message>
        <source>Where in the photo the words are</source>
        <translation>文字对应照片的哪里</translation>
    </message>
    <message>
        <source>Show where in the photo</source>
        <translation>显示在照片的哪里</translation>
    </message>
    <message>
        <source>Looking into the photo…</source>
        <translation>正在查看照片…</translation>
    </message>
    <message>
        <source>Facts alone found it; no words or pictures ranked it.</source>
        <translation>仅凭条件找到；没有文字或图片参与排序。</translation>
    </message>
    <message>
        <source>A part of a picture</source>
        <translation>图片的一部分</translation>
    </message>
    <message>
        <source>The picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Nowhere more than anywhere else.</source>
        <translation>没有哪里比别处更明显。</translation>
    </message>
</context>
<context>
    <name>YearMarks</name>
    <message>
        <source>Years</source>
        <translation>年份</translation>
    </message>
    <message>
        <source>Go to a year</source>
        <translation>转到某年</translation>
    </message>
</context>
<context>
    <name>_Checks</name>
    <message>
        <source>Self-test: %1 of %2 checks passed</source>
        <translation>自检：%2 项中 %1 项通过</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>未通过</translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message>
        <source>a few seconds left</source>
        <translation>还需几秒</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>还需 %n 秒</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>还需 %n 分钟</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) left</source>
        <translation>
            <numerusform>还需 %n 小时</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>还需 %n 天</numerusform>
        </translation>
    </message>
</context>
</TS>
